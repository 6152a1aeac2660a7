"""Checks of a way that stands (RFC 7675): what an engine answers by itself, and what it hands on."""

import socket
import struct

import pytest
from aioice import stun

from media.engine import Engine
from tests.media.engine.endpoint import Ears, Endpoint, Run

OURS, PASSWORD = "5f3a9c1e", "0123456789abcdef0123456789abcdef"


def check(
    password: str = PASSWORD, name: str = f"{OURS}:theirs", method: int = stun.Method.BINDING, **attributes: object
) -> bytes:
    message = stun.Message(method, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": name, "PRIORITY": 1, "ICE-CONTROLLING": 7}
    message.attributes |= {name.replace("_", "-"): value for name, value in attributes.items()}
    message.add_message_integrity(password.encode())
    return bytes(message)


def with_length(data: bytes) -> bytes:
    return data[:2] + struct.pack("!H", len(data) - 20) + data[4:]


def unknown_first() -> bytes:
    """As Chromium has it: an attribute that is not known here, and a name that needs padding."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": f"{OURS}:th", "ICE-CONTROLLING": 7, "PRIORITY": 1}
    plain = with_length(bytes(message) + struct.pack("!HHL", 0xC057, 4, 0x10000))
    size = len(plain)
    signed = plain + struct.pack("!HH", 8, 20) + stun.message_integrity(plain, PASSWORD.encode())
    assert len(signed) == size + 24
    signed = with_length(signed + bytes(8))[:-8]
    return signed + struct.pack("!HHL", 0x8028, 4, stun.message_fingerprint(signed))


@pytest.mark.parametrize("data", [check(), check(USE_CANDIDATE=None), unknown_first()], ids=["plain", "nominating", "Chromium"])
def test_a_peer_that_is_still_there_gets_its_answer(run: Run, data: bytes) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        peer = Endpoint(ears)
        engine.set_consent(peer.peer, OURS, PASSWORD)
        assert engine.traffic(peer.peer).heard_at == 0
        peer.send_raw(data)
        await peer.done()
        answer = stun.parse_message(peer.socket.recv(2048), integrity_key=PASSWORD.encode())
        assert (answer.message_method, answer.message_class) == (stun.Method.BINDING, stun.Class.RESPONSE)
        assert answer.transaction_id == data[8:20]
        assert answer.attributes.keys() == {"XOR-MAPPED-ADDRESS", "MESSAGE-INTEGRITY", "FINGERPRINT"}
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == peer.socket.getsockname()
        assert ears.datagrams == []
        traffic = engine.traffic(peer.peer)
        assert traffic.heard_at > 0
        assert (traffic.received, traffic.sent, traffic.refused) == (0, 0, 0)

    run(scene)


OTHERS = {
    "another password": check("another"),
    "another name": check(name="5f3a9c1:theirs"),
    "a longer name": check(name="5f3a9c1e0:theirs"),
    "a name without the other half": check(name=OURS),
    "a conflict of roles": check(ICE_CONTROLLED=1),
    "an answer": struct.pack("!H", 0x0101) + check()[2:],
    "an indication": struct.pack("!H", 0x0011) + check()[2:],
    "cut off": check()[:-8],
    "cut off and whole": with_length(check()[:-8]),
    "unsigned": with_length(check()[:-32]),
    "something behind it": with_length(check() + struct.pack("!HH", 0x25, 0)),
    "nothing in it": with_length(check()[:20]),
    "an attribute that is longer than the rest": with_length(check()[:20] + struct.pack("!HH", 0x6, 900) + bytes(8)),
}


@pytest.mark.parametrize("what", OTHERS)
def test_everything_else_is_handed_on(run: Run, what: str) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        peer = Endpoint(ears)
        engine.set_consent(peer.peer, OURS, PASSWORD)
        peer.send_raw(OTHERS[what])
        await peer.done()
        assert ears.datagrams == [(OTHERS[what], peer.socket.getsockname())]
        assert engine.traffic(peer.peer).heard_at == 0
        with pytest.raises(BlockingIOError):
            peer.socket.recv(2048)

    run(scene)


def test_a_check_with_anything_changed_in_it_is_handed_on(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        peer = Endpoint(ears)
        engine.set_consent(peer.peer, OURS, PASSWORD)
        good = check()
        changed = [good[:at] + bytes((good[at] ^ 1 << at % 8,)) + good[at + 1 :] for at in range(2, len(good))]
        for data in changed:
            peer.send_raw(data)
        await peer.done()
        assert [data for data, _ in ears.datagrams] == changed
        with pytest.raises(BlockingIOError):
            peer.socket.recv(2048)

    run(scene)


def test_only_the_address_in_use_and_the_newest_credentials_are_answered_for(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        peer = Endpoint(ears)
        name = peer.socket.getsockname()
        peer.send_raw(check())  # none are known yet
        await peer.done()
        assert len(ears.datagrams) == 1
        engine.set_consent(peer.peer, OURS, PASSWORD)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            other.sendto(check(), ("127.0.0.1", engine.port))
            await peer.done()
            engine.admit(peer.peer, other.getsockname())
            other.sendto(check(), ("127.0.0.1", engine.port))
            await peer.done()
            assert [address for _, address in ears.datagrams[1:]] == [other.getsockname()] * 2
        engine.set_address(peer.peer, None)  # it was lost: whether it is back, others decide
        peer.send_raw(check())
        await peer.done()
        assert len(ears.datagrams) == 4
        engine.set_address(peer.peer, name)
        engine.set_consent(peer.peer, "second", PASSWORD)
        peer.send_raw(check())
        await peer.done()
        assert len(ears.datagrams) == 5
        with pytest.raises(BlockingIOError):
            peer.socket.recv(2048)
        peer.send_raw(check(name="second:theirs"))
        await peer.done()
        assert len(ears.datagrams) == 5
        assert stun.parse_message(peer.socket.recv(2048)).message_class == stun.Class.RESPONSE
        with pytest.raises(ValueError, match="too long"):
            engine.set_consent(peer.peer, "u" * 33, PASSWORD)

    run(scene)
