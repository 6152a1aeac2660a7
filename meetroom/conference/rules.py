"""Pure rules of the conference: what every connection should carry, from points, floor, pin and layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A link is weak from these values on, measured over a report's two seconds.
WEAK_LOSS_PCT = 3.0
WEAK_RTT_MS = 400.0


@dataclass(frozen=True)
class Participant:
    """One connection of the meeting. `point_id` null: somebody in the hall (chair, wall) who sends nothing that others
    must see. `page`: which page of thumbnails this screen looks at. `trial`: a machine that measures its link before the
    sitting; it gets its own picture back and nobody else sees it."""

    peer: str
    point_id: int | None
    page: int = 0
    gallery: int = 8  # how many thumbnails its screen has; 0: stage only
    trial: bool = False


@dataclass(frozen=True)
class PointState:
    id: int
    mic: str
    pinned: bool


@dataclass(frozen=True)
class Wanted:
    peer: str
    heard: bool
    stage: str | None
    gallery: tuple[str, ...]


def stage_point(points: Sequence[PointState], floor_point: int | None) -> int | None:
    """Who is on the stage: the chair's pin, else the floor holder's point."""
    return next((point.id for point in points if point.pinned), floor_point)


def plan(
    participants: Sequence[Participant], points: Sequence[PointState], floor_point: int | None
) -> tuple[list[Wanted], list[str]]:
    """What each connection should carry, and whose microphone everybody gets (the floor holder's).

    `points` are in the meeting's order, which is the order of the thumbnails. Nobody is sent their own picture.
    Without a pin or a speaker the first connected point takes the stage, so that it is never empty.
    """
    peer_of: Mapping[int, str] = {p.point_id: p.peer for p in participants if p.point_id is not None}
    order = [point for point in points if point.id in peer_of]
    chosen = stage_point(order, floor_point)
    wanted = []
    for one in participants:
        if one.trial:
            wanted.append(Wanted(one.peer, heard=False, stage=one.peer, gallery=()))
            continue
        others = [point.id for point in order if point.id != one.point_id]
        stage = chosen if chosen in others else next(iter(others), None)
        thumbnails = [id for id in others if id != stage]
        first = one.page * one.gallery
        shown = thumbnails[first : first + one.gallery]
        own = next((point for point in order if point.id == one.point_id), None)
        wanted.append(
            Wanted(
                peer=one.peer,
                heard=own is not None and own.mic == "on",
                stage=peer_of[stage] if stage is not None else None,
                gallery=tuple(peer_of[id] for id in shown),
            )
        )
    always = [peer_of[point.id] for point in order if point.id == floor_point and point.mic == "on"]
    return wanted, always


def link_state(state: str, loss_pct: float, rtt_ms: float) -> str:
    """How a point's link reads to people."""
    if state != "connected":
        return {"connecting": "absent", "lost": "lost"}.get(state, "absent")
    return "weak" if loss_pct >= WEAK_LOSS_PCT or rtt_ms >= WEAK_RTT_MS else "good"


def switch_mic(mic: str, on: bool) -> str | None:
    """The microphone after its operator's wish; None when the chair has closed it."""
    return None if mic == "closed" else "on" if on else "off"


def mute(points: Sequence[PointState], floor_point: int | None) -> list[int]:
    """Whose microphones close when the chair mutes all points: everybody's but the floor holder's."""
    return [point.id for point in points if point.id != floor_point and point.mic != "closed"]
