"""One participant's connection: its offer in, our answer out, what it sends and the slots in which it receives."""

import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from media import rtcp, sdp
from media.dtls import Dtls, Identity
from media.engine import Address, Engine, Keys, SlotSpec, SourceSpec
from media.figures import Figures
from media.ice import Agent, IceLite
from media.plan import Bound, Feed, Seat
from media.streams import Board, Slot, Source
from media.way import Way
from meetroom.conference.schema import Kind, Layer, PeerReport

State = Literal["connecting", "connected", "lost", "closed"]
Use = Literal["up", "down", "inactive", "rejected"]


class Refused(Exception):
    """An offer that gets no answer. `code`: not_planned, bad_sdp, no_node."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def encoder(offer: sdp.Offer) -> dict[str, Kind]:
    """What an encoder sends that does not say so (WHIP): the first sound is a microphone, the first picture a camera.
    Raises BadSdp if we could not use it; an encoder has nobody to whom a picture would be missing."""
    sending = [s for s in offer.sections if not s.stopped and s.direction in ("sendonly", "sendrecv")]
    sources: dict[str, Kind] = {}
    for medium, kind, codecs in (
        ("audio", Kind.MIC, "Opus"),
        ("video", Kind.CAMERA, "VP8 or H.264 baseline with packetization-mode=1"),
    ):
        section = next((section for section in sending if section.kind == medium), None)
        if section is not None:
            if not section.codecs:
                raise sdp.BadSdp(f"{medium} has to be {codecs}")
            sources[section.mid] = kind
    return sources


def assign(offer: sdp.Offer, sources: Mapping[str, Kind], *, relay: bool = False) -> list[Use]:
    """What we do with each section. `sources` says by mid what the sending ones are. Raises BadSdp."""
    uses = [_use(section, sources) for section in offer.sections]
    kinds = [sources[section.mid] for section, use in zip(offer.sections, uses, strict=True) if use == "up"]
    if len(set(kinds)) != len(kinds) and not relay:
        raise sdp.BadSdp("two sections for one source")
    first = next((i for i, section in enumerate(offer.sections) if not section.stopped), None)
    if first is not None and uses[first] == "rejected":
        uses[first] = "inactive"  # the first section carries the bundle
    return uses


def _use(section: sdp.Section, sources: Mapping[str, Kind]) -> Use:
    if section.stopped or not section.codecs:
        return "rejected"
    if section.direction == "recvonly":
        return "down"
    if section.direction == "inactive" or section.mid not in sources:
        return "inactive"
    if (section.kind == "audio") != (sources[section.mid] is Kind.MIC):
        raise sdp.BadSdp(f"section {section.mid} cannot carry this source")
    return "up"


@dataclass(frozen=True)
class Ground:
    """What all peers of a node stand on. `addresses` are those browsers are told to send to. Times in seconds."""

    engine: Engine
    ice: IceLite
    identity: Identity
    addresses: tuple[str, ...]
    consent: float = 10.0
    """Without a sign of life for this long a peer is lost, until the next one."""
    patience: float = 30.0
    """A peer that has not connected by then is closed."""
    board: Board = field(default_factory=Board)


class Peer:
    """`changed` is called whenever `state` or what the peer offers has changed."""

    INTERVAL = 1.0  # seconds between sender and receiver reports, and between looks whether the peer is still there
    COMPOUND = 1000  # bytes after which reports go on in another packet
    ENOUGH = 20  # packets of which it means something how many were lost

    def __init__(self, ground: Ground, name: str, offer: sdp.Offer, changed: Callable[["Peer"], None]) -> None:
        self.name, self.fingerprint = name, offer.fingerprint
        self.state: State = "connecting"
        self._ssrcs: set[int] = set()
        self._ssrc = self._new_ssrc()
        self.id = ground.engine.add_peer(self._ssrc)
        self.bound: dict[str, Bound] = {}
        self._ground, self._engine, self._changed = ground, ground.engine, changed
        self._born = time.monotonic()
        self._reports_at = self._born + random.uniform(0.0, self.INTERVAL)  # not all peers of a node at once
        self.due_at = self._born  # when it wants its next `tick`
        self._sources: dict[str, Source] = {}
        self._slots: dict[str, Slot] = {}
        self._slots_by: dict[int, Slot] = {}  # SSRC
        self._feeds: dict[Feed, Source] = {}
        self._figures = Figures(self._born)
        self.way = Way(self._engine, self.id, self._born)
        self._told = (self.way.quality, self.way.reason)
        self._session, self._version = secrets.randbits(60), 0
        self._remote = ("", "")
        self._dtls, self._agent = self._transport(offer)
        ground.ice.add(self._agent)

    def _transport(self, offer: sdp.Offer) -> tuple[Dtls, Agent]:
        """We are called: the other end checks, and begins DTLS."""
        dtls = Dtls(
            self._ground.identity, offer.fingerprint, send=self._send_dtls, connected=self._secured, closed=self.close
        )  # fmt: skip
        return dtls, Agent(
            receive=dtls.receive,
            selected=self._selected,
            admit=self._admit,
            expel=self._engine.expel,
            trust=lambda ours: self._engine.set_consent(self.id, ours.ufrag, ours.password),
            alive=lambda: self._engine.traffic(self.id).heard_at,
        )

    # offer and answer

    def answer(self, offer: sdp.Offer, uses: list[Use], sources: Mapping[str, Kind]) -> str:
        """The same for the first offer, an ICE restart, and other slots. `uses` comes from `assign`."""
        roles = self.adopt(offer, uses, sources)
        remote = (offer.ufrag, offer.password)
        if self._remote[0] and remote != self._remote:
            self._ground.ice.restart(self._agent)
        self._remote = remote
        self._version += 1
        transport = sdp.Transport(
            self._agent.credentials.ufrag,
            self._agent.credentials.password,
            self._ground.identity.fingerprint,
            tuple((address, self._engine.port) for address in self._ground.addresses),
        )
        self._changed(self)
        return sdp.answer(offer, roles, transport, self._session, self._version)

    def adopt(self, offer: sdp.Offer, uses: list[Use], sources: Mapping[str, Kind]) -> list[sdp.Role]:
        """Takes sources and slots as the other end has described them; returns what we are in each section."""
        ids = offer.extensions
        counted = any(use == "down" and section.transport for section, use in zip(offer.sections, uses, strict=True))
        self._engine.set_extensions(self.id, ids, ids if counted else replace(ids, transport_sequence=0))
        roles = [self._adopt(section, use, sources) for section, use in zip(offer.sections, uses, strict=True)]
        for mid in {*self._sources, *self._slots} - {section.mid for section in offer.sections}:
            self._remove(mid)
        return roles

    def _adopt(self, section: sdp.Section, use: Use, sources: Mapping[str, Kind]) -> sdp.Role:
        mid = section.mid
        if use == "up":
            rids = tuple(sorted(section.rids, key=sdp.RIDS.index))
            spec = SourceSpec(mid, section.codecs, rids, section.ssrc, section.repair_ssrc)
            known = self._sources.get(mid)
            if known is None or known.spec != spec or known.kind != sources[mid]:
                self._remove(mid)
                source = Source(self._engine, self._ground.board, self.id, self._ssrc, sources[mid], spec)
                self._sources[mid] = self._feeds[Feed(self.name, source.kind)] = source
            return use
        elif use == "down":
            slot = self._slots.get(mid)
            if slot is None or (slot.spec.codecs, slot.spec.transport) != (section.codecs, section.transport):
                self._remove(mid)
                ssrc, repair = self._streams(mid, any(codec.repair is not None for codec in section.codecs))
                slot_spec = SlotSpec(mid, section.codecs, ssrc, repair, section.transport)
                video, cname = section.kind == "video", f"meetroom-{self._ssrc:x}"
                slot = Slot(self._engine, self._ground.board, self.id, slot_spec, video=video, cname=cname)
                self._slots[mid] = self._slots_by[ssrc] = slot
            of_kind = [mid for mid, other in self._slots.items() if other.video == slot.video]
            stream = "stage" if of_kind[0] == mid else f"slot{mid}"  # browsers play one stream's sound and picture in step
            return sdp.Down(slot.spec.ssrc, slot.spec.repair_ssrc, stream, slot.cname)
        else:
            self._remove(mid)
            return use

    def _remove(self, mid: str) -> None:
        source, slot = self._sources.pop(mid, None), self._slots.pop(mid, None)
        if source is not None:
            source.close()
            self._feeds = {Feed(self.name, left.kind): left for left in self._sources.values()}
        if slot is not None:
            slot.close()
            del self._slots_by[slot.spec.ssrc]
            self.bound.pop(mid, None)

    def _streams(self, mid: str, repaired: bool) -> tuple[int, int | None]:
        """The SSRC of a new slot, and that of its RTX."""
        return self._new_ssrc(), self._new_ssrc() if repaired else None

    def _new_ssrc(self) -> int:
        """Never one that this peer's keys have protected before: that would repeat a nonce."""
        while (ssrc := secrets.randbits(32)) in self._ssrcs or not ssrc:
            pass
        self._ssrcs.add(ssrc)
        return ssrc

    # slots

    @property
    def seat(self) -> Seat:
        """As the plan sees it; a peer that is not connected yet can show and send nothing."""
        if self.state == "connecting":
            return Seat()
        return Seat(
            video=tuple(mid for mid, slot in self._slots.items() if slot.video),
            audio=tuple(mid for mid, slot in self._slots.items() if not slot.video),
            feeds=frozenset(self.feeds),
            bound=self.bound,
        )

    @property
    def places(self) -> int:
        """Slots for the gallery."""
        return max(0, sum(slot.video for slot in self._slots.values()) - 1)

    @property
    def feeds(self) -> dict[Feed, Source]:
        """What can be shown of this peer."""
        return self._feeds

    def voice(self, source: Source) -> str | None:
        """Whose voice it is; None while that is not known."""
        return self.name

    def let_go(self, feeds: Mapping[Feed, Source]) -> None:
        """Empties slots whose source is gone, or has been replaced by another of the same name."""
        for mid, bound in list(self.bound.items()):
            if self._slots[mid].source is not feeds.get(bound.feed):
                self.show(mid, None, None)

    def show(self, mid: str, bound: Bound | None, source: Source | None) -> None:
        """Binds a slot to `source`, which is what `bound` names; None empties it."""
        if bound is None or source is None:
            self.bound.pop(mid, None)
            self._slots[mid].show(None)
        else:
            self.bound[mid] = bound
            self._slots[mid].show(source, bound.layer, stills=bound.stills)

    def shown(self) -> dict[str, Feed | None]:
        """Every slot in the offer's order, and whose source it shows."""
        return {mid: self.bound[mid].feed if mid in self.bound else None for mid in self._slots}

    # reports

    def rtcp(self, data: bytes, at: float) -> None:
        """`at`: when it came."""
        try:
            messages = rtcp.parse(data)
        except ValueError:
            return
        slots = self._slots_by
        for message in messages:
            match message:
                case rtcp.KeyFrame(ssrc) if ssrc in slots:
                    slots[ssrc].ask_key(at)
                case rtcp.Remb(bitrate):
                    self.way.told(bitrate / 1000, at)

    def costs(self, now: float) -> dict[Feed, dict[Layer, float]]:
        """kbit/s of each of its sources by layer."""
        return {feed: source.costs(self._asked(source.kind, now), now) for feed, source in self.feeds.items()}

    def _asked(self, kind: Kind, now: float) -> Callable[[Layer], float]:
        return lambda layer: self.way.sending.asked(kind, layer, now)

    def tick(self, now: float) -> None:
        """About once a second whether the peer is still there, and reports to it; more often what the way to it carries."""
        due = now >= self._reports_at
        if due or self.state == "lost":
            self._check_consent(now)
        if due:
            self._reports_at = max(self._reports_at + self.INTERVAL, now)
            if self.state in ("connected", "lost"):
                self._exchange_reports(now)
                self._engine.set_rtt(self.id, self.rtt)
        if self.state == "connected":
            if now >= self.way.due_at:
                self.way.measure(self.rtt, now)
            self.due_at = min(self._reports_at, self.way.due_at)
        else:
            self.due_at = now if self.state == "lost" else self._reports_at

    def _exchange_reports(self, now: float) -> None:
        reports = []
        all_expected = all_lost = 0
        for source in self._sources.values():
            of_source, expected, lost = source.reports(now)
            reports += of_source
            all_expected, all_lost = all_expected + expected, all_lost + lost
        self._figures.up.add(all_expected, all_lost)
        vanished = any(s.vanished(self._asked(s.kind, now)) for s in self._sources.values() if s.kind is Kind.CAMERA)
        self.way.upstream.heard(100 * all_lost / all_expected if all_expected >= self.ENOUGH else 0.0, vanished, now)
        compound = rtcp.receiver_report(self._ssrc, reports) if reports else b""
        for slot in self._slots.values():
            state = self._engine.slot_state(slot.id)
            expected, lost = slot.heard(state)
            self._figures.down.add(expected, lost)
            self.way.reported.add(expected, lost)
            compound += slot.sender_report(state, now) or b""
            if len(compound) > self.COMPOUND:
                self._engine.send_rtcp(self.id, compound)
                compound = b""
        if compound:
            self._engine.send_rtcp(self.id, compound)

    # its life

    @property
    def rtt(self) -> float:
        """Seconds, 0 while unknown."""
        return max((slot.rtt for slot in self._slots.values()), default=0.0)

    @property
    def has_news(self) -> bool:
        """Quality has changed since the last report."""
        return self._told != (self.way.quality, self.way.reason)

    def packets(self) -> tuple[int, int]:
        """Of sound and picture, so far: those that came from this peer, and those that went to it."""
        came = sum(stream.packets for source in self._sources.values() for stream in self._engine.streams(source.id))
        return came, sum(self._engine.slot_state(slot.id).packets for slot in self._slots.values())

    def report(self, meeting: int, speaking: bool, now: float) -> PeerReport:
        """Figures since the last report."""
        self._told = (self.way.quality, self.way.reason)
        stage = next((slot.passing for slot in self._slots.values() if slot.video), None)
        up = next((source.arriving for source in self._sources.values() if source.kind is Kind.CAMERA), ())
        up_kbps, down_kbps = (0, 0) if self.state == "closed" else self._figures.kbps(self._engine.traffic(self.id), now)
        return PeerReport(
            meeting_id=meeting,
            peer=self.name,
            state=self.state,
            loss_up_pct=self._figures.up.take(),
            loss_down_pct=self._figures.down.take(),
            jitter_up_ms=round(1000 * max((source.jitter for source in self._sources.values()), default=0.0), 1),
            jitter_down_ms=round(1000 * max((slot.jitter for slot in self._slots.values()), default=0.0), 1),
            rtt_ms=round(self.rtt * 1000, 1),
            up_kbps=up_kbps,
            down_kbps=down_kbps,
            estimate_kbps=self.way.kbps,
            quality=self.way.quality,
            reason=self.way.reason,
            layer=stage,
            up=up,
            speaking=speaking,
        )

    def close(self) -> None:
        if self.state != "closed":
            self._dtls.close()
            self._ground.ice.remove(self._agent)
            for mid in {*self._sources, *self._slots}:
                self._remove(mid)
            self._engine.remove_peer(self.id)
            self._become("closed")

    def _check_consent(self, now: float) -> None:
        if self.state == "closed":
            return
        heard_at = max(self._agent.heard_at, self._engine.traffic(self.id).heard_at)
        if self.state == "connected" and now - heard_at > self._ground.consent:
            self._engine.set_address(self.id, None)
            self._become("lost")
        elif self.state == "lost" and now - heard_at <= self._ground.consent:
            self._engine.set_address(self.id, self._agent.address)
            self._become("connected")
        elif self.state == "connecting" and now - self._born > self._ground.patience:
            self.close()

    def _admit(self, address: Address) -> None:
        self._engine.admit(self.id, address)

    def _selected(self, address: Address) -> None:
        self.way.moved(time.monotonic())
        self._engine.set_address(self.id, address)

    def _send_dtls(self, data: bytes) -> None:
        if self._agent.address is not None:
            self._engine.send_datagram(data, self._agent.address)

    def _secured(self, keys: Keys) -> None:
        self._engine.set_keys(self.id, keys)
        self._become("connected")

    def _become(self, state: State) -> None:
        self.state, self.due_at = state, 0.0
        self._changed(self)
