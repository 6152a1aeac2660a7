"""Where UDP is blocked: media over TCP through a real coturn, which relays to media nodes and nowhere else."""

import asyncio
import re
from pathlib import Path

import pytest
from aioice import stun, turn

from meetroom.conference.schema import IceServer, PeerPlan
from tests.media.browser import Participant, chromium
from tests.media.coturn import coturn
from tests.media.driver import camera, driven
from tests.media.test_browser import eventually, informing, is_magenta

NODE = "127.0.0.1"


async def connected(server: IceServer, **instead: str) -> turn.TurnTransport:
    """An allocation with these credentials. Raises stun.TransactionFailed."""
    [port] = re.findall(r":(\d+)\?", server.urls[0])
    credentials = {"username": server.username, "password": server.credential, **instead}
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol, ("127.0.0.1", int(port)), **credentials, transport="tcp"
    )
    return transport


async def binds(transport: turn.TurnTransport, address: str) -> bool:
    """Whether it would relay to that address."""
    inner = transport._TurnTransport__inner_protocol
    try:
        await inner.channel_bind(0x4000 + hash(address) % 0x3FFF, (address, 40000))
    except stun.TransactionFailed:
        return False
    return True


def test_it_relays_to_nodes_only(tmp_path: Path) -> None:
    async def scene() -> None:
        async with coturn(tmp_path, node="192.0.2.7") as given:
            transport = await connected(given.servers("1-2-abcd")[0])
            try:
                assert await binds(transport, "192.0.2.7")
                for address in ("192.0.2.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "8.8.8.8"):
                    assert not await binds(transport, address), address
            finally:
                transport.close()

    asyncio.run(scene())


def test_credentials_expire_and_cannot_be_made_up(tmp_path: Path) -> None:
    async def scene() -> None:
        async with coturn(tmp_path) as given:
            [server] = given.servers("1-2-abcd")
            [late] = type(given)(given.urls, given.secret, -1).servers("1-2-abcd")
            [forged] = type(given)(given.urls, "another secret", 60).servers("1-2-abcd")
            for one in (late, forged):
                with pytest.raises(stun.TransactionFailed, match="401"):
                    await connected(one)
            with pytest.raises(stun.TransactionFailed, match="401"):
                await connected(server, username="9" + server.username)
            (await connected(server)).close()

    asyncio.run(scene())


def test_a_page_without_udp_gets_the_picture(tmp_path: Path) -> None:
    """Policy `relay` with a TCP server only: the browser sends no datagram at all."""

    async def call() -> None:
        (tmp_path / "turn").mkdir()
        async with coturn(tmp_path / "turn", node=NODE) as given, driven() as driver, chromium(tmp_path) as context:
            hall = Participant(driver, await context.new_page(), "hall")
            painter = Participant(driver, await context.new_page(), "painter")
            informing(driver, hall, painter)
            driver.plan(PeerPlan(peer="hall", stage=camera("painter")), PeerPlan(peer="painter", stage=camera("hall")))
            await painter.join(colour="#ff00ff")
            servers = [server.model_dump(mode="json") for server in given.servers("hall")]
            await hall.join(colour="#ff00ff", iceServers=servers, relayed=True)
            await eventually(lambda: _sees_the_other(hall))
            await eventually(lambda: _sees_the_other(painter))  # what it sends arrives as well
            [way] = await hall.page.evaluate("ways()")
            assert (way["candidateType"], way["relayProtocol"]) == ("relay", "tcp")
            assert driver.reports["hall"].state == "connected"

    asyncio.run(call())


async def _sees_the_other(participant: Participant) -> bool:
    slots = participant.driver.shown.get(participant.name)
    return slots is not None and is_magenta(await participant.look(slots[0].mid))
