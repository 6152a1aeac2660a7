"""Many tablets in one process, cheap enough that the server is what is measured: WebSocket (RFC 6455), Engine.IO 4 and
Socket.IO 5 as far as a tablet needs them, on bare asyncio protocols over TLS."""

import asyncio
import base64
import itertools
import json
import os
import ssl
import struct
import time
from collections.abc import Callable
from typing import Any


class Tablet(asyncio.Protocol):
    """One connection. `on_event(name, raw, at)` is called for each event with the undecoded message and its time."""

    def __init__(self, host: str, cookie: str, on_event: Callable[["Tablet", bytes, float], None] | None = None) -> None:
        self.host, self.cookie, self.on_event = host, cookie, on_event
        loop = asyncio.get_running_loop()
        self.live: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.ids = itertools.count(1)
        self.buffer = bytearray()
        self.upgraded = False
        self.events: list[list[Any]] = []  # [name, data], unless `on_event` takes them
        self.synced: dict[str, Any] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {self.host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: https://{self.host}\r\n"
            f"Cookie: {self.cookie}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.live, *self.waiting.values()):
            if not future.done():
                future.set_exception(ConnectionError("connection lost"))
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.buffer += data
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self.buffer.startswith(b"HTTP/1.1 101") and not self.live.done():
                self.live.set_exception(ConnectionError(self.buffer[:end].decode(errors="replace")))
                self.transport.abort()
                return
            del self.buffer[: end + 4]
            self.upgraded = True
        while (frame := self._frame()) is not None:
            self._packet(frame, now)

    def _frame(self) -> bytes | None:
        """The next text frame, None until it is whole. Servers do not mask."""
        while len(self.buffer) >= 2:
            opcode, size, start = self.buffer[0] & 15, self.buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self.buffer[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self.buffer[2:10], "big"), 10
            if len(self.buffer) < start + size:
                return None
            frame = bytes(self.buffer[start : start + size])
            del self.buffer[: start + size]
            if opcode == 1:
                return frame
            if opcode == 8:
                self.transport.close()
        return None

    def _packet(self, packet: bytes, now: float) -> None:
        kind = packet[:2]
        if kind == b"42":
            if self.on_event is not None:
                self.on_event(self, packet, now)
            else:
                self.events.append(json.loads(packet[2:]))
        elif kind == b"43":
            start = packet.index(b"[")
            future = self.waiting.pop(int(packet[2:start]))
            if not future.done():
                future.set_result((packet[start:], now))
        elif packet[:1] == b"2":
            self._send(b"3")
        elif packet[:1] == b"0":
            self._send(b"40")
        elif kind == b"40" and not self.live.done():
            self.live.set_result(None)
        elif kind == b"41":
            self.transport.close()
        elif kind == b"44" and not self.live.done():
            self.live.set_exception(ConnectionError(packet.decode()))

    def _send(self, text: bytes) -> None:
        mask = os.urandom(4)
        size = len(text)
        long = b"\x81\xfe" + struct.pack(">H", size) if size < 65_536 else b"\x81\xff" + struct.pack(">Q", size)
        head = bytes((0x81, 0x80 | size)) if size < 126 else long
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        self.transport.write(head + mask + (int.from_bytes(text, "big") ^ key).to_bytes(size, "big"))

    async def ask(self, event: str, data: Any) -> tuple[Any, float]:
        """Send an event; returns the acknowledgement and the moment it came."""
        number = next(self.ids)
        future = self.waiting[number] = asyncio.get_running_loop().create_future()
        self._send(f"42{number}{json.dumps([event, data])}".encode())
        raw, at = await asyncio.wait_for(future, 60)
        return json.loads(raw)[0], at

    async def command(self, name: str, **order: Any) -> tuple[Any, float]:
        answer, at = await self.ask("command", {"name": name, "op_id": os.urandom(8).hex(), "order": order})
        if not answer["ok"]:
            raise RuntimeError(f"{name}: {answer['error']}")
        return answer["result"], at

    async def until(self, name: str, **body: Any) -> dict[str, Any]:
        """The first event of that name whose body has these values; waits up to ten seconds for it."""
        for _ in range(1000):
            for kind, data in self.events:
                if kind in ("event", "signal") and data["name"] == name and body.items() <= flat(data["body"]).items():
                    return data  # type: ignore[no-any-return]
            await asyncio.sleep(0.01)
        raise TimeoutError(f"no {name} with {body}; got {[d.get('name') for _, d in self.events]}")


def flat(body: Any) -> dict[str, Any]:
    """An event's body with its noun's fields on top."""
    inner = [value for value in body.values() if isinstance(value, dict)] if isinstance(body, dict) else []
    return {key: value for part in (body, *inner) for key, value in part.items() if not isinstance(value, dict | list)}


async def connect(address: tuple[str, int], context: ssl.SSLContext, cookie: str, on_event: Any = None) -> Tablet:
    host = f"{address[0]}:{address[1]}"
    loop = asyncio.get_running_loop()
    _, tablet = await loop.create_connection(
        lambda: Tablet(host, cookie, on_event), *address, ssl=context, server_hostname=address[0]
    )
    await asyncio.wait_for(tablet.live, 60)
    return tablet


def trusting(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
