"""Stands in for the server: gives a real node plans and offers, and listens to what it says."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import cast

from media.dtls import Identity
from media.engine import Name, choice
from media.ice import IceLite
from media.load import Load
from media.node import Node
from media.peer import Ground, Refused
from meetroom.conference.schema import (
    Kind,
    Layer,
    MediaAnswer,
    MediaOffer,
    PeerPlan,
    PeerReport,
    Plan,
    Record,
    RecordReport,
    SendingChanged,
    Shown,
    SlotsChanged,
    Uplink,
    Want,
)

MEETING = 1
ENGINE = cast(Name | None, os.environ.get("MEETROOM_MEDIA_ENGINE"))
"""As for a node: the native one if it is built."""


class Driver:
    """One node on a free port, and one meeting on it. `other`: at the other end of its relays, whose ports are `reached` at
    others, if so."""

    other: "Driver | None" = None
    reached: Mapping[int, int] = MappingProxyType({})

    def __init__(self, host: str = "127.0.0.1", folder: Path | None = None, announce: str = "127.0.0.1", **timing: float) -> None:
        self.engine = choice.open(host, 0, ENGINE)
        self.shown: dict[str, tuple[Shown, ...]] = {}
        self.reports: dict[str, PeerReport] = {}
        self.asked: dict[str, dict[Kind, Layer | None]] = {}
        self.loads: list[Load] = []
        self.recordings: list[RecordReport] = []
        self.states: list[tuple[str, str]] = []
        self.on_slots: Callable[[SlotsChanged], None] = lambda changed: None
        self.on_sending: Callable[[SendingChanged], None] = lambda changed: None
        self.on_report: Callable[[PeerReport], None] = lambda report: None
        self.node = Node(Ground(self.engine, IceLite(), Identity(), (announce,), **timing), self, folder)
        self._revision = 0

    def die(self) -> None:
        """Like a process that is killed: its peers hear nothing more, not even a goodbye."""
        for peer in list(self.node._peers):
            self.engine.set_address(peer, None)
        self.engine.send_datagram = lambda data, address: None  # type: ignore[method-assign]
        self.engine.set_address = lambda peer, address: None  # type: ignore[method-assign]

    def slots(self, changed: SlotsChanged) -> None:
        self.shown[changed.peer] = changed.slots
        self.on_slots(changed)
        if self.other is not None and changed.peer.startswith("relay"):
            self.other.node.carried(changed)

    def sending(self, changed: SendingChanged) -> None:
        self.asked[changed.peer] = {watched.kind: watched.layer for watched in changed.sources}
        self.on_sending(changed)

    def report(self, report: PeerReport) -> None:
        before, self.reports[report.peer] = self.reports.get(report.peer), report
        self.on_report(report)
        if before is None or before.state != report.state:
            self.states.append((report.peer, report.state))

    def load(self, load: Load) -> None:
        self.loads.append(load)

    def recorded(self, report: RecordReport) -> None:
        self.recordings.append(report)

    async def call(self, offer: MediaOffer) -> MediaAnswer:
        if self.other is None:
            raise Refused("no_node")
        port = self.other.engine.port
        answer = self.other.node.offer(offer)
        return MediaAnswer(sdp=answer.sdp.replace(f" {port} typ host", f" {self.reached.get(port, port)} typ host"))

    def plan(
        self,
        *peers: PeerPlan,
        always: tuple[str, ...] = (),
        uplinks: tuple[Uplink, ...] = (),
        follow_voice: bool = False,
        record: Record | None = None,
    ) -> None:
        self._revision += 1
        how = {"always": always, "uplinks": uplinks, "follow_voice": follow_voice, "record": record}
        self.node.apply(Plan(meeting_id=MEETING, revision=self._revision, peers=peers, **how))

    def feeds(self, peer: str) -> dict[str, str]:
        """`{mid: "peer/kind"}` of the slots that show something."""
        return {shown.mid: f"{shown.peer}/{shown.kind}" for shown in self.shown.get(peer, ()) if shown.peer}


@asynccontextmanager
async def driven(
    host: str = "127.0.0.1", folder: Path | None = None, announce: str = "127.0.0.1", **timing: float
) -> AsyncIterator[Driver]:
    driver = Driver(host, folder, announce, **timing)
    running = asyncio.create_task(driver.node.run())
    try:
        yield driver
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Waits for something to become true; what it was waiting for is in the assertion's traceback."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not become true")


def camera(peer: str, layer: Layer = Layer.HIGH) -> Want:
    return Want(peer=peer, kind=Kind.CAMERA, layer=layer)


def screen(peer: str) -> Want:
    return Want(peer=peer, kind=Kind.SCREEN, layer=Layer.HIGH)
