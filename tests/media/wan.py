"""The long line between two nodes: passes datagrams on, counts what crosses, and loses what it is told to lose."""

import asyncio
import struct
from collections import Counter
from collections.abc import Callable
from typing import cast

from media.engine import Address


class _End(asyncio.DatagramProtocol):
    def __init__(self, passes: Callable[[bytes, Address], None]) -> None:
        self.passes = passes

    def datagram_received(self, data: bytes, address: Address) -> None:
        self.passes(data, address)


class Wan:
    """`packets` and `octets` of media by direction and SSRC, as ("up", ssrc): up is from the caller to the called one.
    `loses` decides of each media packet, by direction and count, whether it is lost. `down`: nothing passes."""

    def __init__(self, called: Address) -> None:
        self.packets: Counter[tuple[str, int]] = Counter()
        self.octets: Counter[tuple[str, int]] = Counter()
        self.loses: Callable[[str, int], bool] = lambda direction, count: False
        self.down = False
        self._called, self._caller = called, cast(Address | None, None)

    async def open(self) -> int:
        """The port that stands for the called node's."""
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(lambda: _End(self._up), ("127.0.0.1", 0))
        self._far, _ = await loop.create_datagram_endpoint(lambda: _End(self._back), ("127.0.0.1", 0))
        return int(self._near.get_extra_info("sockname")[1])

    def close(self) -> None:
        self._near.close()
        self._far.close()

    def _up(self, data: bytes, address: Address) -> None:
        self._caller = address
        if self._crosses("up", data):
            self._far.sendto(data, self._called)

    def _back(self, data: bytes, address: Address) -> None:
        if self._caller is not None and self._crosses("back", data):
            self._near.sendto(data, self._caller)

    def _crosses(self, direction: str, data: bytes) -> bool:
        if self.down:
            return False
        if not (128 <= data[0] <= 191 and not 192 <= data[1] <= 223):
            return True
        (ssrc,) = struct.unpack("!L", data[8:12])
        self.packets[direction, ssrc] += 1
        self.octets[direction, ssrc] += len(data)
        return not self.loses(direction, self.packets[direction, ssrc])
