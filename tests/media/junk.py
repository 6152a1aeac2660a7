"""Datagrams that no honest peer sends."""

import random
import struct
import zlib
from collections.abc import Iterator

from aioice import stun


def _record(chance: random.Random, kind: int, body: bytes, epoch: int = 0) -> bytes:
    return struct.pack("!BHHHLH", kind, 0xFEFD, epoch, 0, chance.randrange(1 << 20), len(body)) + body


def client_hello(chance: random.Random) -> bytes:
    """A ClientHello that could be the real one's."""
    suites = bytes.fromhex("0004 c02b c02f")
    extensions = bytes.fromhex("000e 0005 0002 0007 00000a 0004 0002 0017000b 0002 0100000d 0004 0002 0403")
    lists = suites + b"\x01\x00" + struct.pack("!H", len(extensions)) + extensions
    body = b"\xfe\xfd" + chance.randbytes(32) + b"\x00\x00" + lists
    length = len(body).to_bytes(3, "big")
    return _record(chance, 22, b"\x01" + length + b"\x00\x00" + b"\x00\x00\x00" + length + body)


def _stun(chance: random.Random, attributes: bytes, length: int | None = None, kind: int = 1) -> bytes:
    header = struct.pack("!HHL", kind, len(attributes) if length is None else length, stun.COOKIE)
    return header + chance.randbytes(12) + attributes


def _attribute(kind: int, value: bytes, length: int | None = None) -> bytes:
    return struct.pack("!HH", kind, len(value) if length is None else length) + value + bytes(-len(value) % 4)


def _check(chance: random.Random) -> bytes:
    """A well-formed check with credentials of nobody."""
    user = b"%08x:%08x" % (chance.getrandbits(32), chance.getrandbits(32))
    message = _stun(chance, _attribute(6, user) + _attribute(0x25, b"") + _attribute(8, chance.randbytes(20)))
    message = message[:2] + struct.pack("!H", len(message) - 12) + message[4:]
    return message + _attribute(0x8028, struct.pack("!L", zlib.crc32(message) ^ 0x5354554E))


def junk(chance: random.Random, *, hello: bool = True) -> Iterator[bytes]:
    """One of each kind; with `hello` also one that a DTLS server must answer."""
    if hello:
        yield client_hello(chance)
    yield b""
    yield _record(chance, 21, b"\x02\x28")  # a fatal alert
    yield _record(chance, 21, b"\x01\x00")  # a goodbye
    yield _record(chance, 21, b"\x02\x28", epoch=1)
    yield _record(chance, 22, b"\x01\xff\xff\xff" + bytes(7) + b"\xc8" + chance.randbytes(200))  # a hello of 16 MB
    yield _record(chance, chance.choice((20, 22, 23, 25)), chance.randbytes(chance.randrange(200)), chance.randrange(2))
    yield chance.choice((b"\x14", b"\x16", b"\x3f")) + chance.randbytes(chance.randrange(20))
    yield _stun(chance, b"")[: chance.randrange(1, 20)]
    yield _stun(chance, b"", length=0xFFFC)
    yield _stun(chance, b"\x00\x06", length=2)
    yield _stun(chance, _attribute(6, b"ab", length=0xFFFF))
    yield _stun(chance, _attribute(6, b"\xff\xfe\x80:\xc0"))
    yield _stun(chance, _attribute(0x20, b"\x00\x63" + bytes(6)), kind=0x101)
    yield _stun(chance, _attribute(9, b"\x00"), kind=0x111)
    yield _stun(chance, _attribute(0x24, b"\x00") + _attribute(0x802A, b""))
    yield _stun(chance, _attribute(8, bytes(3)) + _attribute(0x8028, bytes(3)))
    yield _stun(chance, _attribute(0x7FFF, b"x" * 4) * 170)
    yield _stun(chance, b"", kind=chance.randrange(0x4000))
    yield _check(chance)
    yield bytes((chance.randrange(128, 192), chance.choice((96, 111, 200, 201, 205, 206)))) + chance.randbytes(
        chance.randrange(200)
    )
    yield bytes((0x80, chance.choice((96, 200))))
    yield chance.randbytes(chance.randrange(1473))
