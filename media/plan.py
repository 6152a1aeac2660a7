"""From a wanted plan to the steps that make the wires match it. Pure: no clock, no input or output."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Want


class Feed(NamedTuple):
    """Something a slot can show: one source of one peer."""

    peer: str
    kind: Kind


class Bound(NamedTuple):
    """What a slot is bound to. `layer` is the highest worth sending; microphones have only one. `stills`: single pictures
    instead of a moving one."""

    feed: Feed
    layer: Layer = Layer.LOW
    stills: bool = False


@dataclass(frozen=True)
class Seat:
    """One connected peer: its slots by mid, the stage's first; what comes from it, which may be others' where it is a
    relay; and what its slots are bound to."""

    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    feeds: frozenset[Feed] = frozenset()
    bound: Mapping[str, Bound] = field(default_factory=dict)


class Close(NamedTuple):
    peer: str


class Unbind(NamedTuple):
    peer: str
    mid: str


class Bind(NamedTuple):
    peer: str
    mid: str
    to: Bound


Step = Close | Unbind | Bind


class Relief(NamedTuple):
    """How a peer with a weak way down is relieved beside the pictures that its plan leaves out: so many voices at most, and
    of the stage only stills."""

    voices: int | None = None
    stills: bool = False


NO_RELIEF = Relief()
RECORDER = "*"
"""The seat of a meeting's recorder; no peer can have this name."""


def with_recorder(plan: Plan, speaker: str | None) -> Plan:
    """The recorder is a relay that gets one picture: the stage, or the `speaker` by voice; its voices stay in their slots."""
    if plan.record is None:
        return plan
    stage = plan.record.stage or (Want(peer=speaker, layer=Layer.HIGH) if speaker is not None else None)
    recorder = PeerPlan.model_construct(peer=RECORDER, relay=(stage,) if stage is not None else ())
    return plan.model_copy(update={"peers": (*plan.peers, recorder)})


def steps(
    plan: Plan, seats: Mapping[str, Seat], loudest: Sequence[str], reliefs: Mapping[str, Relief] | None = None
) -> list[Step]:
    """What to do so that every seat shows what the plan wants. Closing comes first, then what stops, then what
    begins. `loudest` are all heard voices, the loudest first. Wants that nobody sends are passed over."""
    plans = {wanted.peer: wanted for wanted in plan.peers}
    close = [Close(peer) for peer in seats if peer not in plans]
    present = {peer: seat for peer, seat in seats.items() if peer in plans}
    sent = {feed for seat in present.values() for feed in seat.feeds}
    remote = {feed.peer for peer, seat in present.items() if plans[peer].relay is not None for feed in seat.feeds}
    voices = _voices(plan, remote, loudest)
    unbind: list[Step] = []
    bind: list[Step] = []
    for peer, seat in present.items():
        relief = (reliefs or {}).get(peer, NO_RELIEF)
        most = plan.voices if plans[peer].relay is None else len(seat.audio)  # the other node has its own limit
        most = most if relief.voices is None else min(relief.voices, most)
        wanted = {**_pictures(plans[peer], seat, sent, relief.stills), **_sounds(plans[peer], seat, voices, sent, most)}
        unbind += [Unbind(peer, mid) for mid in seat.bound if mid not in wanted]
        bind += [Bind(peer, mid, to) for mid, to in wanted.items() if seat.bound.get(mid) != to]
    return [*close, *unbind, *bind]


def heard(plan: Plan, remote: Collection[str]) -> set[str]:
    """Whose microphones may be heard: only the plan says so. Of those that are at the other end of a relay (`remote`) that
    node's plan has said it, and it sends no others."""
    said = {wanted.peer: wanted.heard and not wanted.echo for wanted in plan.peers}
    return {peer for peer in {*said, *remote} if said.get(peer, True)}


def _voices(plan: Plan, remote: Collection[str], loudest: Sequence[str]) -> list[str]:
    """Whose microphones are wanted, most wanted first: those always heard, then the loudest."""
    allowed = heard(plan, remote)
    return [peer for peer in dict.fromkeys((*plan.always, *loudest)) if peer in allowed]


def _pictures(wanted: PeerPlan, seat: Seat, sent: set[Feed], stills: bool) -> dict[str, Bound]:
    """The stage in the first slot, the gallery in the others. A picture on the stage is not repeated in the gallery."""
    if wanted.relay is not None:
        return _relayed(wanted.relay, seat, sent)
    wants = [*wanted.gallery[::-1], *([wanted.stage] if wanted.stage else [])]
    layers = {Feed(want.peer, want.kind): want.layer for want in wants}
    gallery = list(dict.fromkeys(Feed(want.peer, want.kind) for want in wanted.gallery))
    stage = Feed(wanted.stage.peer, wanted.stage.kind) if wanted.stage else None
    others = [feed for feed in gallery if feed in sent and feed != stage]
    placed = _place(stage if stage in sent else None, others, seat.video, seat.bound, keep_first=True)
    return {mid: Bound(feed, layers[feed], stills and feed == stage) for mid, feed in placed.items()}


def _relayed(wants: Sequence[Want], seat: Seat, sent: set[Feed]) -> dict[str, Bound]:
    """Every picture once, in any slot, and none goes back to where it came from."""
    layers = {Feed(want.peer, want.kind): want.layer for want in wants}
    feeds = [feed for feed in layers if feed in sent and feed not in seat.feeds]
    placed = _place(None, feeds, seat.video, seat.bound, keep_first=False)
    return {mid: Bound(feed, layers[feed]) for mid, feed in placed.items()}


def _sounds(wanted: PeerPlan, seat: Seat, voices: list[str], sent: set[Feed], most: int) -> dict[str, Bound]:
    """Nobody hears what comes from themselves, except to try it (`echo`). The voice of the stage's picture, or one's own,
    takes the first slot: that slot is played in step with the stage."""
    own, room = Feed(wanted.peer, Kind.MIC), min(most, len(seat.audio))
    echo = [own] if wanted.echo and own in sent else []
    voiced = (feed for feed in (Feed(peer, Kind.MIC) for peer in voices) if feed in sent and feed not in seat.feeds)
    feeds = list(islice(chain(echo, voiced), room))
    stage = next((feed for feed in feeds if wanted.stage is not None and feed.peer == wanted.stage.peer), None)
    if own in feeds:
        stage = own
    others = [feed for feed in feeds if feed != stage]
    placed = _place(stage, others, seat.audio, seat.bound, keep_first=False)
    return {mid: Bound(feed) for mid, feed in placed.items()}


def _place(
    first: Feed | None, others: Sequence[Feed], slots: Sequence[str], bound: Mapping[str, Bound], *, keep_first: bool
) -> dict[str, Feed]:
    """`first` into the first slot, the others where they are, or else into what is free, in order. `keep_first`: the
    others may not use the first slot even when it is empty."""
    placed = {slots[0]: first} if first is not None and slots else {}
    free = list(slots[1:] if placed or keep_first else slots)
    others = others[: len(free)]
    kept = {bound[mid].feed: mid for mid in free if mid in bound and bound[mid].feed in others}
    placed |= {mid: feed for feed, mid in kept.items()}
    empty = [mid for mid in free if mid not in placed]
    placed |= zip(empty, [feed for feed in others if feed not in kept], strict=False)
    return placed
