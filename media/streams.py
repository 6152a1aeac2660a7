"""One peer's sources and slots as the node steers them: layers, key frames, repair and reports. The packets
themselves pass through the engine."""

import time
from dataclasses import dataclass

from media import rtcp, rtp
from media.engine import Arrival, Engine, SlotSpec, SourceSpec
from media.feedback import Missing, Reception
from meetroom.conference.schema import Kind


@dataclass
class Layer:
    """One incoming stream."""

    ssrc: int
    missing: Missing
    reception: Reception
    media_at: float = 0.0
    key_asked_at: float = 0.0


class Source:
    """What a peer sends in one section. Layers count from 0, the lowest."""

    LIVE = 1.0  # seconds a layer counts as sent after its last packet
    KEY_INTERVAL = 0.5  # seconds between two key frame requests of a layer

    def __init__(self, engine: Engine, peer: int, sender: int, kind: Kind, spec: SourceSpec) -> None:
        """`sender` is the SSRC our RTCP carries."""
        self.kind, self.spec = kind, spec
        self.id = engine.add_source(peer, spec)
        self._engine, self._peer, self._sender = engine, peer, sender
        self._clock = rtp.CLOCK[spec.codecs[0].name]
        self._layers: list[Layer | None] = [None] * max(1, len(spec.rids))

    def arrived(self, arrival: Arrival) -> None:
        layer = self._layers[arrival.layer]
        if layer is None or layer.ssrc != arrival.ssrc:
            layer = Layer(arrival.ssrc, Missing(), Reception(arrival.ssrc, self._clock))
            self._layers[arrival.layer] = layer
        if arrival.repaired and not arrival.media:
            return  # a probe: it has no place in the stream
        if self.kind is not Kind.MIC:  # Opus conceals its losses better than late packets would
            layer.missing.arrived(arrival.sequence, arrival.at, arrival.repaired)
        if not arrival.repaired:
            layer.reception.arrived(arrival.sequence, arrival.timestamp, arrival.at)
        if arrival.media:
            layer.media_at = arrival.at

    def best(self, wanted: int, now: float) -> int:
        """The best layer being sent that is not above `wanted`; if there is none the lowest being sent; if none is
        sent at all, the one to wait for."""
        live = [i for i, layer in enumerate(self._layers) if layer is not None and now - layer.media_at < self.LIVE]
        below = [i for i in live if i <= wanted]
        return below[-1] if below else live[0] if live else min(wanted, len(self._layers) - 1)

    def ask_key(self, layer: int, now: float) -> None:
        """Asks the sender for a key frame, unless that has just been done."""
        stream = self._layers[layer]
        if stream is not None and self.kind is not Kind.MIC and now - stream.key_asked_at >= self.KEY_INTERVAL:
            stream.key_asked_at = now
            self._engine.send_rtcp(self._peer, rtcp.pli(self._sender, stream.ssrc))

    def ask_missing(self, now: float, rtt: float) -> None:
        """Asks the sender for what was lost. `rtt` in seconds."""
        for layer in self._layers:
            if layer is not None and (numbers := layer.missing.due(now, rtt)):
                self._engine.send_rtcp(self._peer, rtcp.nack(self._sender, layer.ssrc, numbers))

    def receptions(self) -> list[Reception]:
        return [layer.reception for layer in self._layers if layer is not None]


class Slot:
    """One receiving place of a peer. `rtt` in seconds, 0 while unknown."""

    def __init__(self, engine: Engine, peer: int, spec: SlotSpec, *, video: bool, cname: str) -> None:
        self.video, self.spec, self.cname = video, spec, cname
        self.id = engine.add_slot(peer, spec)
        self.source: Source | None = None
        self.rtt = 0.0
        self._engine = engine
        self._wanted = 0
        self._bound_layer: int | None = None
        self._reported = (0, 0.0)  # middle of the last sender report's NTP time, when it went
        self._heard: tuple[int, int] | None = None  # highest number and losses by the receiver's last report

    def show(self, source: Source | None, wanted: int = 0) -> None:
        """From now on this source, no layer above `wanted`. The key frame is asked for by the next `steer`."""
        if source is None:
            self._engine.unbind(self.id)
        if source is not self.source:
            self._bound_layer = None
        self.source, self._wanted = source, wanted

    def steer(self, now: float) -> None:
        """Binds the best layer being sent, and asks for a key frame as long as it is waited for."""
        if self.source is None:
            return
        layer = self.source.best(self._wanted, now)
        if layer != self._bound_layer:
            self._engine.bind(self.id, self.source.id, layer)
            self._bound_layer = layer
        if self._engine.slot_state(self.id).layer != layer:
            self.source.ask_key(layer, now)

    def lost_picture(self, now: float) -> None:
        """The receiver cannot go on without a key frame."""
        if self.source is not None and self._bound_layer is not None:
            self.source.ask_key(self._bound_layer, now)

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
