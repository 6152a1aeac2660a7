"""A short run of the C engine behind authentication, under the compiler's sanitizers; a long one by `make fuzz`."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from aioice import stun

from media import rtcp, rtp
from tests.media.engine.endpoint import IDS, packet, padding, vp8

ROOT = Path(__file__).parents[2]
RUNS = os.environ.get("FUZZ_RUNS", "3000")
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-DENGINE_FUZZED", "-O1", "-g", "-fno-sanitize-recover=undefined"]


def sent(peer: int, data: bytes, *, forward: bool = True) -> bytes:
    """A datagram, as engine.c reads its input."""
    return bytes((peer | forward << 5 | (len(data) >> 10 & 1) << 6, len(data) & 0xFF)) + data


def act(what: int, which: int) -> bytes:
    return bytes((0x80 | what, which))


def transport(number: int) -> bytes:
    return struct.pack("!H", number)


def feedback(base: int, arrivals: list[int | None]) -> bytes:
    return rtcp.transport_feedback(1, 2, base, arrivals, 0)[0]


def check() -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": "ours:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
    message.add_message_integrity(b"secret")
    return bytes(message)


def seeds() -> list[bytes]:
    """Every kind of packet the engine reads, in the order of a call."""
    layers = [
        sent(0, packet(ssrc, 10 + i, vp8(i, bytes(40), key=not i), mid=b"a", rid=rid, transport_sequence=transport(i)))
        for i in range(4)
        for ssrc, rid in ((1, b"q"), (2, b"h"))
    ]
    repairs = [
        sent(0, packet(70, 10, vp8(1, b"x", key=True))),
        sent(0, packet(70, 14, vp8(5, b"y"))),
        sent(0, packet(71, 1, struct.pack("!H", 12) + vp8(3, b"z"), kind=97)),
        sent(0, padding(70, 15)),
        sent(0, padding(70, 13)),
        sent(0, packet(70, 16, b"\x67sps", kind=98)),
        act(9, 0),
    ]
    sound = [
        sent(0, packet(5, i, b"opus", kind=111, timestamp=960 * i, mid=b"c", audio_level=b"\x85", orientation=b"\x01"))
        for i in (1, 2, 5)
    ]
    ours = 0x7FF0
    asked = [sent(peer, rtcp.nack(1, 500 + slot, range(ours, ours + 6))) for peer, slot in ((1, 0), (2, 3))]
    told = [sent(peer, feedback(1, [4000 * 1000, None, 4000 * 1000 + 300, 4000 * 1000 + 7])) for peer in (1, 2)]
    reports = [sent(0, rtcp.sender_report(5, 1 << 62, 1, 2, 3, "c") + rtcp.receiver_report(1, []))]
    reports += [
        sent(1, rtcp.receiver_report(1, [rtcp.Report(500), rtcp.Report(501)]) + rtcp.pli(1, 500) + rtcp.nack(1, 500, [ours]))
    ]
    two_bytes = rtp.pack(False, 111, 9, 0, 5, struct.pack("!HHBB3sB", 0x1000, 2, IDS.mid, 3, b"abc", 0) + bytes(2), b"opus")
    acts = [act(what, which) for what in range(12) for which in (0, 9, 70, 200)]
    return [
        b"".join([*layers, act(0, 64), *layers, act(10, 30), *asked, *told]),
        b"".join([*repairs, act(2, 1), *repairs, act(10, 90), act(3, 1), act(10, 20)]),
        b"".join([*sound, sent(0, two_bytes), *reports, *asked, act(7, 0), act(8, 0)]),
        b"".join([*layers, act(2, 1), *layers, *acts, *layers, *sound, *asked, *told]),
        b"".join([*(sent(peer, check()) for peer in range(3)), act(6, 1), sent(1, check()), act(6, 65), sent(1, check())]),
        sent(3, b"\x00\x01stun") + sent(4, b"\x16dtls") + sent(4, packet(1, 1, b"stranger")),
    ]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler")
def test_nothing_breaks_the_engine(tmp_path: Path) -> None:
    program, files = tmp_path / "engine", []
    sources = [ROOT / "tests/fuzz/engine.c", *sorted((ROOT / "media/engine").glob("*.c"))]
    built = subprocess.run(
        ["gcc", *FLAGS, "-fsanitize=address,undefined", *sources, "-lcrypto", "-o", program], capture_output=True, text=True
    )
    if built.returncode:
        pytest.skip(f"it does not build here: {built.stderr[-300:]}")
    for i, seed in enumerate(seeds()):
        files.append(tmp_path / f"seed{i}")
        files[-1].write_bytes(seed)
    run = subprocess.run([program, RUNS, "1", *files], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-5000:]
