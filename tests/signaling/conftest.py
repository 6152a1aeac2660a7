"""One real web process for these tests, with a council of twelve."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.server import Server
from tests.tablets import Tablet, connect, trusting


@dataclass
class Hall:
    """A running server and a meeting in it; `tablet(n)` connects the n-th delegate, `tablet(None)` the secretary."""

    server: Server
    meeting: int
    secretary: str
    delegates: list[str]
    open: list[Tablet] = field(default_factory=list)

    async def tablet(self, who: int | None, since: int | None = None, *, join: bool = True) -> Tablet:
        cookie = self.secretary if who is None else self.delegates[who]
        tablet = await connect(self.server.address, trusting(str(self.server.settings.ca_certificate)), cookie)
        self.open.append(tablet)
        if join:
            tablet.synced = (await tablet.ask("sync", {"meeting_id": self.meeting, "since": since}))[0]["result"]
        return tablet

    async def close(self) -> None:
        for tablet in self.open:
            tablet.transport.abort()
        self.open.clear()


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with Server(tmp_path_factory.mktemp("hall")) as server:
        yield Hall(server, *server.council(12))


@pytest.fixture
def evening(hall: Hall) -> Callable[[Callable[[Hall], Awaitable[None]]], None]:
    """Run an async test body against the hall; its tablets are gone afterwards."""

    def run(body: Callable[[Hall], Awaitable[None]]) -> None:
        async def whole() -> None:
            try:
                await asyncio.wait_for(body(hall), 60)
            finally:
                await hall.close()

        asyncio.run(whole())

    return run
