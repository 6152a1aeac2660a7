"""Pure rules of the conference: what every connection should carry, from points, floor, pin, shared screen and layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meetroom.errors import Refusal

# A link is weak from these values on, measured over a report's two seconds, and good again only below half of them:
# a link at the border must not change its name at every report.
WEAK_LOSS_PCT = 3.0
WEAK_RTT_MS = 400.0
REPORT_S = 5.0  # a point's quality is told, and so journalled, at most once in this time

CAMERA, SCREEN = "camera", "screen"
Picture = tuple[str, str]  # whose (a peer), which source


@dataclass(frozen=True)
class Participant:
    """One connection of the meeting. `point_id` null: somebody in the hall (chair, wall) whose camera nobody is shown.
    `page`: which page of thumbnails this screen looks at. `sharing`: it shares its screen; the highest number began last.
    `trial`: a machine that measures its link before the sitting; it gets its own picture and sound back and nobody else
    has any of it."""

    peer: str
    point_id: int | None
    page: int = 0
    gallery: int = 8  # how many thumbnails its screen has; 0: stage only
    sharing: int = 0
    trial: bool = False


@dataclass(frozen=True)
class PointState:
    id: int
    mic: str
    pinned: bool
    limit: str = "high"


@dataclass(frozen=True)
class Wanted:
    peer: str
    heard: bool
    stage: Picture | None
    gallery: tuple[str, ...]
    limit: str = "high"
    echo: bool = False


@dataclass(frozen=True)
class Conference:
    """What everybody should carry. `always`: whose microphone everybody gets. `follow_voice`: nobody was put on the
    stage, the loudest voice takes it. `stage`: what everybody sees who is not seen there."""

    wanted: tuple[Wanted, ...]
    always: tuple[str, ...]
    follow_voice: bool
    stage: Picture | None


def plan(participants: Sequence[Participant], points: Sequence[PointState], floor_point: int | None) -> Conference:
    """What each connection should carry.

    On the stage is the chair's pin, else the screen that is shared, else the floor holder, else the loudest voice; whoever
    is on it themselves sees the next of these, for nobody is sent their own picture. Until there is a voice the first
    point takes the stage, so that it is never empty. `points` are in the meeting's order, which is the order of the
    thumbnails; only a floor holder who is not on the stage comes before them.
    """
    peer_of: Mapping[int, str] = {p.point_id: p.peer for p in participants if p.point_id is not None and not p.trial}
    order = [point for point in points if point.id in peer_of]
    state_of = {peer_of[point.id]: point for point in order}
    chosen = _stages(participants, order, peer_of, floor_point)
    wanted = []
    for one in participants:
        if one.trial:
            wanted.append(Wanted(one.peer, heard=False, stage=(one.peer, CAMERA), gallery=(), echo=True))
            continue
        others = [peer_of[point.id] for point in order if peer_of[point.id] != one.peer]
        stage = next((picture for picture in chosen if picture[0] != one.peer), (others[0], CAMERA) if others else None)
        speaker = peer_of.get(floor_point or 0)
        thumbnails = [peer for peer in sorted(others, key=lambda peer: peer != speaker) if (peer, CAMERA) != stage]
        first = one.page * one.gallery
        own = state_of.get(one.peer)
        wanted.append(
            Wanted(
                peer=one.peer,
                heard=own is not None and own.mic == "on",
                stage=stage,
                gallery=tuple(thumbnails[first : first + one.gallery]),
                limit=own.limit if own is not None else "high",
            )
        )
    return Conference(
        wanted=tuple(wanted),
        always=tuple(peer_of[point.id] for point in order if point.id == floor_point and point.mic == "on"),
        follow_voice=not chosen,
        stage=chosen[0] if chosen else None,
    )


def _stages(
    participants: Sequence[Participant], order: Sequence[PointState], peer_of: Mapping[int, str], floor_point: int | None
) -> list[Picture]:
    """Everything that has a right to the stage, the first first."""
    pinned = [(peer_of[point.id], CAMERA) for point in order if point.pinned]
    shared = sorted((p for p in participants if p.sharing and not p.trial), key=lambda p: -p.sharing)[:1]
    speaker = [(peer_of[point.id], CAMERA) for point in order if point.id == floor_point]
    return [*pinned, *((p.peer, SCREEN) for p in shared), *speaker]


def link_state(state: str, loss_pct: float, rtt_ms: float, before: str = "absent") -> str:
    """How a point's link reads to people. One that is being made anew is still what it was."""
    match state:
        case "connected":
            ease = 0.5 if before == "weak" else 1.0
            return "weak" if loss_pct >= WEAK_LOSS_PCT * ease or rtt_ms >= WEAK_RTT_MS * ease else "good"
        case "connecting":
            return before
        case "lost":
            return "lost"
        case _:
            return "absent"


@dataclass(frozen=True)
class Told:
    """How a point is, as the meeting knows it, or should."""

    link: str = "absent"
    quality: str = "high"
    reason: str = ""


def worth_telling(known: Told, now: Told, seconds: float) -> bool:
    """Whether the meeting is told how a point is, `seconds` after it was told last."""
    return known.link != now.link or (known != now and seconds >= REPORT_S)


def switch_mic(mic: str, on: bool) -> str | None:
    """The microphone after its operator's wish; None when the chair has closed it."""
    return None if mic == "closed" else "on" if on else "off"


def mute(points: Sequence[PointState], floor_point: int | None) -> list[int]:
    """Whose microphones close when the chair mutes all points: everybody's but the floor holder's."""
    return [point.id for point in points if point.id != floor_point and point.mic != "closed"]


def enter(*, locked: bool, was_in: bool, controls: bool, trial: bool) -> None:
    """Whether somebody may come in. Whoever could unlock may, and who only tries the link disturbs nobody.

    Raises Refusal `locked`.
    """
    if locked and not (was_in or controls or trial):
        raise Refusal("locked")


def call_roll(*, running: bool, on: bool) -> None:
    """Raises Refusal `roll_call_runs` for a second one, which would forget the answers, and `no_roll_call`."""
    if on and running:
        raise Refusal("roll_call_runs")
    if not on and not running:
        raise Refusal("no_roll_call")
