"""One peer's sources and slots as the node steers them: layers, key frames and reports. The packets themselves pass
through the engine."""

import time

from media import rtcp, rtp
from media.engine import Engine, SlotSpec, SourceSpec
from meetroom.conference.schema import Kind


class Board:
    """All sources and slots of a node by the engine's numbers, and the slots that wait for a key frame."""

    def __init__(self) -> None:
        self.sources: dict[int, Source] = {}
        self.slots: dict[int, Slot] = {}
        self.waiting: set[Slot] = set()

    def ask_keys(self, now: float) -> None:
        """One request per layer, however many wait for it."""
        for slot in self.waiting:
            slot.ask_key(now)


class Source:
    """What a peer sends in one section. Layers count from 0, the lowest."""

    KEY_INTERVAL = 0.5  # seconds between two key frame requests of a layer

    def __init__(self, engine: Engine, board: Board, peer: int, sender: int, kind: Kind, spec: SourceSpec) -> None:
        """`sender` is the SSRC our RTCP carries."""
        self.kind, self.spec, self.peer = kind, spec, peer
        self.id = engine.add_source(peer, spec)
        self.slots: set[Slot] = set()
        self._engine, self._board, self._sender = engine, board, sender
        self._live: set[int] = set()
        self._key_asked_at: dict[int, float] = {}  # by layer
        self._sender_reports: dict[int, tuple[int, float]] = {}  # by SSRC: middle of its NTP time, when it came
        self._before: dict[int, tuple[int, int]] = {}  # by SSRC: packets expected and received at the last report
        board.sources[self.id] = self

    def close(self) -> None:
        self._engine.remove_source(self.id)
        self._live.clear()
        del self._board.sources[self.id]

    def layer(self, layer: int, live: bool) -> None:
        """A layer begins to arrive or does so no longer: slots take the best there is."""
        if live:
            self._live.add(layer)
            self._key_asked_at.pop(layer, None)  # whoever was asked before was not there
        else:
            self._live.discard(layer)
        for slot in self.slots:
            slot.steer()

    def best(self, wanted: int) -> int:
        """The best layer being sent that is not above `wanted`; if there is none the lowest being sent; if none is
        sent at all, the one to wait for."""
        below = [layer for layer in self._live if layer <= wanted]
        return max(below) if below else min(self._live, default=min(wanted, max(0, len(self.spec.rids) - 1)))

    def ask_key(self, layer: int, now: float) -> None:
        """Asks the sender for a key frame, unless that has just been done."""
        just_now = now - self._key_asked_at.get(layer, 0.0) < self.KEY_INTERVAL
        if just_now or self.kind is Kind.MIC or self.id not in self._board.sources:
            return
        self._key_asked_at[layer] = now
        for stream in self._engine.streams(self.id):
            if stream.layer == layer:
                self._engine.send_rtcp(self.peer, rtcp.pli(self._sender, stream.ssrc))

    def sender_report(self, ssrc: int, ntp: int, at: float) -> None:
        if any(stream.ssrc == ssrc for stream in self._engine.streams(self.id)):
            self._sender_reports[ssrc] = rtcp.middle(ntp), at

    def reports(self, now: float) -> tuple[list[rtcp.Report], int, int]:
        """One for each stream, and how many packets were expected and how many of them lost since the last ones."""
        reports, all_expected, all_lost = [], 0, 0
        before, self._before = self._before, {}
        for stream in self._engine.streams(self.id):
            was_expected, was_received = before.get(stream.ssrc, (0, 0))
            self._before[stream.ssrc] = stream.expected, stream.packets
            expected = max(0, stream.expected - was_expected)
            lost = max(0, expected - (stream.packets - was_received))
            last, delay = 0, 0
            if stream.ssrc in self._sender_reports:
                last, at = self._sender_reports[stream.ssrc]
                delay = int((now - at) * 65536) & 0xFFFFFFFF
            fraction = min(255, (lost << 8) // expected) if expected else 0
            highest, jitter = stream.highest & 0xFFFFFFFF, stream.jitter & 0xFFFFFFFF
            reports.append(rtcp.Report(stream.ssrc, fraction, stream.lost, highest, jitter, last, delay))
            all_expected, all_lost = all_expected + expected, all_lost + lost
        return reports, all_expected, all_lost


class Slot:
    """One receiving place of a peer. `rtt` in seconds, 0 while unknown."""

    def __init__(self, engine: Engine, board: Board, peer: int, spec: SlotSpec, *, video: bool, cname: str) -> None:
        self.video, self.spec, self.cname, self.peer = video, spec, cname, peer
        self.id = engine.add_slot(peer, spec)
        self.source: Source | None = None
        self.rtt = 0.0
        self._engine, self._board = engine, board
        self._wanted = 0
        self._layer: int | None = None  # the one bound
        self._reported = (0, 0.0)  # middle of the last sender report's NTP time, when it went
        self._heard: tuple[int, int] | None = None  # highest number and losses by the receiver's last report
        board.slots[self.id] = self

    def close(self) -> None:
        self.show(None)
        self._engine.remove_slot(self.id)
        del self._board.slots[self.id]

    def show(self, source: Source | None, wanted: int = 0) -> None:
        """From now on this source, no layer above `wanted`. Whoever calls this has key frames asked for afterwards."""
        if source is not self.source:
            if self.source is not None:
                self.source.slots.discard(self)
                self._engine.unbind(self.id)
            if source is not None:
                source.slots.add(self)
            self.source, self._layer = source, None
        self._wanted = wanted
        self.steer()

    def steer(self) -> None:
        """Binds the best layer being sent."""
        if self.source is not None:
            layer = self.source.best(self._wanted)
            if layer != self._layer:
                self._engine.bind(self.id, self.source.id, layer)
                self._layer = layer
        self.settle()

    def settle(self) -> None:
        """Waits for a key frame as long as what is bound does not pass."""
        bound = self.video and self.source is not None
        if bound and self._engine.slot_state(self.id).layer != self._layer:
            self._board.waiting.add(self)
        else:
            self._board.waiting.discard(self)

    def ask_key(self, now: float) -> None:
        """The receiver cannot begin, or go on, without a key frame."""
        if self.source is not None and self._layer is not None:
            self.source.ask_key(self._layer, now)

    def sender_report(self, now: float) -> bytes | None:
        """None before the first packet. All slots share the node's clock, so that sound and picture can be aligned."""
        state = self._engine.slot_state(self.id)
        if not state.packets:
            return None
        at = rtcp.ntp(time.time())
        timestamp = state.timestamp + int((now - state.at) * rtp.CLOCK[self.spec.codecs[0].name])
        self._reported = (rtcp.middle(at), now)
        return rtcp.sender_report(self.spec.ssrc, at, timestamp, state.packets, state.octets, self.cname)

    def heard(self, report: rtcp.Report, now: float) -> tuple[int, int]:
        """Takes the receiver's report; returns how many packets it newly expected and how many of them it lost."""
        if report.last_sender_report and report.last_sender_report == self._reported[0]:
            self.rtt = max(0.0, now - self._reported[1] - report.delay / 65536)
        before, self._heard = self._heard, (report.highest, report.lost)
        if before is None:
            return 0, 0
        expected = max(0, rtp.distance(report.highest, before[0], 32))
        return expected, min(expected, max(0, report.lost - before[1]))
