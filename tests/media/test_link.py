import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from media import link
from media.dtls import Identity
from media.engine.reference import Reference
from media.ice import IceLite
from media.link import Link
from media.node import Node
from media.peer import Ground
from meetroom.conference.schema import NodeHello
from tests.media.driver import until
from tests.media.server import Server, certificates, serving
from tests.media.test_sdp import CHROMIUM

HELLO = {"node": "hall-1", "engine": "reference", "addresses": ["127.0.0.1"], "port": 5}
PLAN = {"meeting_id": 1, "revision": 1, "peers": [{"peer": "an", "heard": True}, {"peer": "binh"}], "always": []}
OFFER = {"meeting_id": 1, "peer": "an", "sdp": CHROMIUM, "sources": {"0": "mic", "1": "camera"}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PAUSE", (0.05, 0.1))


@asynccontextmanager
async def dialling(port: int, folder: Path, ca: Path, token: str = "secret") -> AsyncIterator[None]:
    (folder / "token").write_text(token + "\n")
    line = Link(f"https://127.0.0.1:{port}", folder / "token", ca, NodeHello.model_validate(HELLO))
    node = Node(Ground(Reference("127.0.0.1", 0), IceLite(), Identity(), ("127.0.0.1",)), line)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(line.run(node)), tasks.create_task(node.run())]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


def test_a_conversation_with_the_server(tmp_path: Path) -> None:
    async def scene() -> None:
        ca, certificate = certificates(tmp_path)
        server = Server("secret")
        async with serving(server, certificate) as port, dialling(port, tmp_path, ca):
            await until(lambda: server.told)
            assert server.told[0] == ("hello", NodeHello.model_validate(HELLO).model_dump(mode="json"))
            assert await server.call("offer", OFFER) == {"ok": False, "error": {"code": "not_planned", "detail": ""}}
            assert await server.call("plan", PLAN) == {"ok": True, "result": {}}
            answer = await server.call("offer", OFFER)
            assert answer["ok"] is True
            assert answer["result"]["sdp"].startswith("v=0\r\n")
            bad = await server.call("offer", {**OFFER, "sdp": "hello"})
            assert (bad["ok"], bad["error"]["code"]) == (False, "bad_sdp")
            for event, data in (
                ("offer", {**OFFER, "sdp": ""}),
                ("offer", {**OFFER, "more": 1}),
                ("offer", None),
                ("plan", {**PLAN, "peers": [{"peer": "an; drop"}]}),
                ("plan", "all"),
            ):
                refused = await server.call(event, data)
                assert (refused["ok"], refused["error"]["code"]) == (False, "invalid")
            assert [report["state"] for report in server.heard("report")] == ["connecting"]
            assert await server.call("plan", {**PLAN, "revision": 2, "peers": []}) == {"ok": True, "result": {}}
            await until(lambda: server.heard("report")[-1]["state"] == "closed")

    asyncio.run(scene())


def test_it_dials_until_the_server_is_there_and_again_when_it_is_back(tmp_path: Path) -> None:
    async def scene() -> None:
        ca, certificate = certificates(tmp_path)
        first, second = Server("secret"), Server("secret")
        async with serving(first, certificate) as port:
            pass  # the port is free again
        async with dialling(port, tmp_path, ca):
            await asyncio.sleep(0.2)
            async with serving(first, certificate, port):
                await until(lambda: first.heard("hello"))
                await first.call("plan", PLAN)
                await first.call("offer", OFFER)
            await asyncio.sleep(0.2)
            async with serving(second, certificate, port):
                await until(lambda: len(second.told) >= 3)
                assert [event for event, _ in second.told[:3]] == ["hello", "slots", "report"]
                assert [slot["mid"] for slot in second.heard("slots")[0]["slots"]] == ["3", "4", "5", "6"]
                assert (await second.call("plan", PLAN))["ok"]

    asyncio.run(scene())


def test_it_trusts_only_its_authority(tmp_path: Path) -> None:
    async def scene() -> None:
        (tmp_path / "other").mkdir()
        other, _ = certificates(tmp_path / "other")
        _, certificate = certificates(tmp_path)
        server = Server("secret")
        async with serving(server, certificate) as port, dialling(port, tmp_path, other):
            await asyncio.sleep(0.5)
            assert (server.nodes, server.refused) == ([], 0)

    asyncio.run(scene())


def test_a_token_refused_is_read_again(tmp_path: Path) -> None:
    async def scene() -> None:
        ca, certificate = certificates(tmp_path)
        server = Server("new")
        async with serving(server, certificate) as port, dialling(port, tmp_path, ca, token="old"):
            await until(lambda: server.refused > 1)
            assert server.nodes == []
            (tmp_path / "token").write_text("new")
            await until(lambda: server.heard("hello"))

    asyncio.run(scene())


def test_the_process(tmp_path: Path) -> None:
    """`python -m media` with flags and environment, until a signal."""

    async def scene() -> None:
        ca, certificate = certificates(tmp_path)
        (tmp_path / "token").write_text("secret")
        server = Server("secret")
        async with serving(server, certificate) as port:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "media",
                "--server", f"https://127.0.0.1:{port}", "--token-file", str(tmp_path / "token"),
                "--udp-host", "127.0.0.1", "--udp-port", "0", "--announce", "127.0.0.1", "192.0.2.7",
                env={**os.environ, "MEETROOM_MEDIA_CA_FILE": str(ca), "MEETROOM_MEDIA_NAME": "hall-2"},
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            await until(lambda: server.heard("hello"), seconds=30)
            [hello] = server.heard("hello")
            assert (hello["node"], hello["addresses"]) == ("hall-2", ["127.0.0.1", "192.0.2.7"])
            assert hello["port"] > 0
            process.send_signal(signal.SIGTERM)
            _, log = await process.communicate()
            assert process.returncode == 0
            assert not re.search(r"Traceback|ERROR", log.decode())

    asyncio.run(scene())
