"""One peer's sources and slots as the node steers them: layers, key frames and reports. The packets themselves pass
through the engine."""

import time
from collections.abc import Callable

from media import rtcp, rtp
from media.engine import Engine, SlotSpec, SlotState, SourceSpec
from media.rates import Rate, costs
from meetroom.conference.schema import Kind, Layer

ORDER = {layer: place for place, layer in enumerate(Layer)}


class Board:
    """All sources and slots of a node by the engine's numbers, the slots that wait for a key frame, and those that show
    nothing else."""

    STILL_INTERVAL = 1.0  # seconds between two single pictures

    def __init__(self) -> None:
        self.sources: dict[int, Source] = {}
        self.slots: dict[int, Slot] = {}
        self.waiting: set[Slot] = set()
        self.stills: set[Slot] = set()
        self._stills_at = 0.0

    def ask_keys(self, now: float) -> None:
        """One request per layer, however many wait for it."""
        for slot in self.waiting:
            slot.ask_key(now)
        if now - self._stills_at >= self.STILL_INTERVAL:
            self._stills_at = now
            for slot in self.stills:
                slot.ask_key(now)


class Source:
    """What a peer sends in one section. Layers count from 0, the lowest; `layers` are their names, one for a source that
    has no choice. `jitter` in seconds, of the highest layer."""

    KEY_INTERVAL = 0.5  # seconds between two key frame requests of a layer
    FEC_MOST = 64  # of 256; what is lost beyond that no voice is thinned out for
    OVERDUE = 5.0  # seconds after which a layer that was asked for is not expected any more

    def __init__(self, engine: Engine, board: Board, peer: int, sender: int, kind: Kind, spec: SourceSpec) -> None:
        """`sender` is the SSRC our RTCP carries."""
        self.kind, self.spec, self.peer = kind, spec, peer
        self.id = engine.add_source(peer, spec)
        self.slots: set[Slot] = set()
        self.layers = tuple(Layer(rid) for rid in spec.rids) or (Layer.LOW,)
        self._engine, self._board, self._sender = engine, board, sender
        self._live: set[int] = set()
        self._seen: set[int] = set()
        self._rates = [Rate() for _ in self.layers]
        self.jitter = 0.0
        self._key_asked_at: dict[int, float] = {}  # by layer
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
            self._seen.add(layer)
            self._key_asked_at.pop(layer, None)  # whoever was asked before was not there
        else:
            self._live.discard(layer)
        for slot in self.slots:
            slot.steer()

    def best(self, wanted: Layer) -> int:
        """The best layer being sent that is not above `wanted`; if there is none the lowest being sent; if none is
        sent at all, the one to wait for."""
        most = max((place for place, layer in enumerate(self.layers) if ORDER[layer] <= ORDER[wanted]), default=0)
        return max((layer for layer in self._live if layer <= most), default=min(self._live, default=most))

    @property
    def arriving(self) -> tuple[Layer, ...]:
        """The layers being sent, the lowest first."""
        return tuple(self.layers[layer] for layer in sorted(self._live))

    @property
    def watched(self) -> Layer | None:
        """The highest layer that a slot wants."""
        return max((slot.wanted for slot in self.slots), key=ORDER.__getitem__, default=None)

    def costs(self, asked: Callable[[Layer], float], now: float) -> dict[Layer, float]:
        """kbit/s by layer. `asked`: for how many seconds the peer has been asked for a layer."""
        for stream in self._engine.streams(self.id):
            if stream.layer in self._live:
                self._rates[stream.layer].count(stream.octets, stream.packets, now)
        known: dict[Layer, float] = {}
        expected: list[Layer] = []
        for place, layer in enumerate(self.layers):
            live = place in self._live
            if live or asked(layer) < self.OVERDUE:
                expected.append(layer)
                if (rate := self._rates[place].kbps) is not None:
                    known[layer] = rate
        return costs(self.kind, known, expected)

    def vanished(self, asked: Callable[[Layer], float]) -> bool:
        """A layer came, is still asked for and comes no more, though another does."""
        gone = [self.layers[layer] for layer in self._seen - self._live]
        return bool(self._live) and any(asked(layer) >= self.OVERDUE for layer in gone)

    def ask_key(self, layer: int, now: float) -> None:
        """Asks the sender for a key frame, unless that has just been done."""
        just_now = now - self._key_asked_at.get(layer, 0.0) < self.KEY_INTERVAL
        if just_now or self.kind is Kind.MIC or self.id not in self._board.sources:
            return
        self._key_asked_at[layer] = now
        for stream in self._engine.streams(self.id):
            if stream.layer == layer:
                self._engine.send_rtcp(self.peer, rtcp.pli(self._sender, stream.ssrc))

    def reports(self, now: float) -> tuple[list[rtcp.Report], int, int]:
        """One for each stream, and how many packets were expected and how many of them lost since the last ones."""
        reports, all_expected, all_lost = [], 0, 0
        before, self._before = self._before, {}
        for stream in self._engine.streams(self.id):
            was_expected, was_received = before.get(stream.ssrc, (0, 0))
            self._before[stream.ssrc] = stream.expected, stream.packets
            expected = max(0, stream.expected - was_expected)
            lost = max(0, expected - (stream.packets - was_received))
            last, at = stream.sender_report, stream.sender_report_at
            delay = int((now - at) * 65536) & 0xFFFFFFFF if at else 0
            fraction = min(255, (lost << 8) // expected) if expected else 0
            if self.kind is Kind.MIC:  # Opus adds what repairs losses (in-band FEC) only if it hears of some
                fraction = max(fraction, min(self.FEC_MOST, max((slot.fraction for slot in self.slots), default=0)))
            self.jitter = stream.jitter / rtp.CLOCK[self.spec.codecs[0].name]
            highest, jitter = stream.highest & 0xFFFFFFFF, stream.jitter & 0xFFFFFFFF
            reports.append(rtcp.Report(stream.ssrc, fraction, stream.lost, highest, jitter, last, delay))
            all_expected, all_lost = all_expected + expected, all_lost + lost
        return reports, all_expected, all_lost


class Slot:
    """One receiving place of a peer. `rtt` and `jitter` in seconds and `fraction`, of 256 packets lost, are those last
    reported, 0 while unknown."""

    def __init__(self, engine: Engine, board: Board, peer: int, spec: SlotSpec, *, video: bool, cname: str) -> None:
        self.video, self.spec, self.cname, self.peer = video, spec, cname, peer
        self.id = engine.add_slot(peer, spec)
        self.source: Source | None = None
        self.rtt = self.jitter = 0.0
        self.fraction = 0
        self._engine, self._board = engine, board
        self.wanted = Layer.LOW
        self._stills = False
        self._layer: int | None = None  # the one bound
        self._reported = (0, 0.0)  # middle of the last sender report's NTP time, when it went
        self._heard: tuple[int, int] | None = None  # highest number and losses by the receiver's last report,
        self._heard_at = 0.0  # which came then
        board.slots[self.id] = self

    def close(self) -> None:
        self.show(None)
        self._engine.remove_slot(self.id)
        del self._board.slots[self.id]

    def show(self, source: Source | None, wanted: Layer = Layer.LOW, *, stills: bool = False) -> None:
        """From now on this source, no layer above `wanted`. Whoever calls this has key frames asked for afterwards."""
        if source is not self.source:
            if self.source is not None:
                self.source.slots.discard(self)
                self._engine.unbind(self.id)
            if source is not None:
                source.slots.add(self)
            self.source, self._layer = source, None
        if stills != self._stills:
            self._stills, self._layer = stills, None
        self.wanted = wanted
        self.steer()

    def steer(self) -> None:
        """Binds the best layer being sent."""
        if self.source is not None:
            layer = self.source.best(self.wanted)
            if layer != self._layer:
                self._engine.bind(self.id, self.source.id, layer, stills=self._stills)
                self._layer = layer
        self.settle()

    def _understands(self, source: Source) -> bool:
        """Of what its receiver cannot decode no key frame helps, and asking on and on would harm everybody else."""
        return not {codec.name for codec in self.spec.codecs}.isdisjoint(codec.name for codec in source.spec.codecs)

    def settle(self) -> None:
        """Waits for a key frame as long as what is bound does not pass."""
        bound = self.video and self.source is not None and self._understands(self.source)
        if bound and self._engine.slot_state(self.id).layer != self._layer:
            self._board.waiting.add(self)
        else:
            self._board.waiting.discard(self)
        if bound and self._stills:
            self._board.stills.add(self)
        else:
            self._board.stills.discard(self)

    @property
    def passing(self) -> Layer | None:
        """The layer that the receiver sees."""
        layer = self._engine.slot_state(self.id).layer if self.source is not None else None
        return self.source.layers[layer] if self.source is not None and layer is not None else None

    def ask_key(self, now: float) -> None:
        """The receiver cannot begin, or go on, without a key frame."""
        if self.source is not None and self._layer is not None:
            self.source.ask_key(self._layer, now)

    def sender_report(self, state: SlotState, now: float) -> bytes | None:
        """None before the first packet. All slots share the node's clock, so that sound and picture can be aligned."""
        if not state.packets:
            return None
        at = rtcp.ntp(time.time())
        timestamp = state.timestamp + int((now - state.at) * rtp.CLOCK[self.spec.codecs[0].name])
        self._reported = (rtcp.middle(at), now)
        return rtcp.sender_report(self.spec.ssrc, at, timestamp, state.packets, state.octets, self.cname)

    def heard(self, state: SlotState) -> tuple[int, int]:
        """Takes the receiver's newest report; returns how many packets it newly expected and how many of them it lost."""
        report, at = state.report, state.report_at
        if at == self._heard_at:
            return 0, 0
        self._heard_at = at
        if report.last_sender_report and report.last_sender_report == self._reported[0]:
            self.rtt = max(0.0, at - self._reported[1] - report.delay / 65536)
        self.fraction = report.fraction
        self.jitter = report.jitter / rtp.CLOCK[self.spec.codecs[0].name]
        before, self._heard = self._heard, (report.highest, report.lost)
        if before is None:
            return 0, 0
        expected = max(0, rtp.distance(report.highest, before[0], 32))
        return expected, min(expected, max(0, report.lost - before[1]))
