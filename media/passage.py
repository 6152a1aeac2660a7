"""A way to another node from a port of its own. Whoever is at an address is told from others by it alone, so that two calls
between the same two nodes (they share two meetings) need two ports. The second one leaves by here; it costs a hop through
this process per packet, which a node's first call and everybody else's do not have."""

import asyncio

from media.engine import Address


class _Port(asyncio.DatagramProtocol):
    """Sends on what it gets, by the other port of its passage."""

    def __init__(self, passage: "Passage") -> None:
        self._passage = passage

    def datagram_received(self, data: bytes, address: Address) -> None:
        self._passage.arrived(self, data, address)


class Passage:
    """`entrance` is where the engine sends what shall reach `exit`."""

    def __init__(self, exit: Address) -> None:
        self._exit = exit
        self._engine: Address | None = None

    async def open(self) -> Address:
        """Raises OSError."""
        loop, family = asyncio.get_running_loop(), ("::" if ":" in self._exit[0] else "0.0.0.0")
        self._near, self._inner = await loop.create_datagram_endpoint(lambda: _Port(self), ("127.0.0.1", 0))
        self._far, _ = await loop.create_datagram_endpoint(lambda: _Port(self), (family, 0))
        host, port = self._near.get_extra_info("sockname")[:2]
        return host, port

    def arrived(self, at: _Port, data: bytes, address: Address) -> None:
        if at is self._inner:
            self._engine = address
            self._far.sendto(data, self._exit)
        elif self._engine is not None and address[:2] == self._exit[:2]:
            self._near.sendto(data, self._engine)

    def close(self) -> None:
        self._near.close()
        self._far.close()
