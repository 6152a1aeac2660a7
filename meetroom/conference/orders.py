"""What people say of the conference and see of it: orders, views and events of points, roll call, recordings and nodes."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from meetroom.conference.schema import Chapter, NodeName, PeerReport, Quality, Reason, RecordingState, Site
from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, Order, ShortLine, View, Wire


class Link(StrEnum):
    """A point's link as people read it: not yet in, good, weak, lost."""

    ABSENT = "absent"
    GOOD = "good"
    WEAK = "weak"
    LOST = "lost"


class Mic(StrEnum):
    """OFF: the operator may switch it on. ON: heard by all. CLOSED: the chair closed it, only the chair opens it."""

    OFF = "off"
    ON = "on"
    CLOSED = "closed"


class PointView(View):
    """A conference point (điểm cầu) of one meeting."""

    name: Line
    unit_id: Id | None = None
    position: int
    link: Link
    mic: Mic
    pinned: bool = Field(description="the chair put this point on the stage")
    quality: Quality = Field(default=Quality.HIGH, description="what the point is sent at the moment")
    reason: Reason = Reason.NONE
    limit: Quality = Field(default=Quality.HIGH, description="the best the technician allows")
    site: Site = Field(default="", description="the node its machine connects to, empty: the meeting's own")
    answered_at: Moment | None = Field(default=None, description="when it answered the roll call under way or the last one")
    attending: int | None = Field(default=None, description="people in the point's hall, as its operator said then")
    ingest: bool = Field(default=False, description="an encoder may send for this point with a token (WHIP)")


class ConferenceView(View):
    """The video conference of one meeting (`id` = the meeting)."""

    locked: bool = Field(default=False, description="points that are not in must wait until the chair unlocks")
    roll_called_at: Moment | None = Field(default=None, description="a roll call is under way since then")
    recording_id: Id | None = Field(default=None, description="the recording under way; everybody is told")
    egress: bool = Field(default=False, description="players may show the stage with a token (WHEP)")
    node: ShortLine = Field(default="", description="the media node that carries it; empty: none at the moment")


class IncidentKind(StrEnum):
    """What the incident log tells of a point (its link: LOST … LEFT; what it is sent: QUALITY), of the meeting's media
    node, and of recordings."""

    JOINED = "joined"
    LOST = "lost"
    BACK = "back"
    WEAK = "weak"
    GOOD = "good"
    LEFT = "left"
    QUALITY = "quality"
    NODE_LOST = "node_lost"
    NODE_BACK = "node_back"
    NODE_CHANGED = "node_changed"
    RECORDING_FAILED = "recording_failed"


class Incident(Wire):
    """One line of the incident log. `about`: the point, the node or the recording; `from_`, `to`, `reason`: steps of
    quality; `seconds`: how long the link was lost or the node away; `problem`: of a recording."""

    at: Moment
    kind: IncidentKind
    about: str
    from_: str = ""
    to: str = ""
    reason: str = ""
    problem: str = ""
    seconds: float | None = None


class RecordingView(View):
    """One recording of a meeting. `problem`: why it failed or ended early: disk_full, node_lost, empty, no_recorder (no
    node with the server's folder of recordings). `ended_at` while RECORDING: stopped, its file is being completed."""

    state: RecordingState
    problem: ShortLine = ""
    started_at: Moment
    ended_at: Moment | None = None
    seconds: float = 0
    bytes: int = 0
    chapters: tuple[Chapter, ...] = ()


class AddPoint(MeetingOrder):
    name: Line
    unit_id: Id | None = None


class RenamePoint(MeetingOrder):
    point_id: Id
    name: Line


class OnePoint(MeetingOrder):
    """Orders about one point that need nothing else: remove, mute, unmute."""

    point_id: Id


class AllPoints(MeetingOrder):
    """Close every point's microphone except the floor holder's."""


class SwitchMic(MeetingOrder):
    """By the point's own operator."""

    on: bool


class PinStage(MeetingOrder):
    """Put a point on the stage for everyone, or `null` to follow the floor again."""

    point_id: Id | None = None


class ReportLink(MeetingOrder):
    """By the system, when a point's media connection changes."""

    point_id: Id
    link: Link
    quality: Quality = Quality.HIGH
    reason: Reason = Reason.NONE


class LimitPoint(MeetingOrder):
    """By the technician or the chair: send this point no more than that. `high` lifts the limit."""

    point_id: Id
    limit: Quality


class PlacePoint(MeetingOrder):
    """Which site's node the point's machine connects to; empty: the meeting's own."""

    point_id: Id
    site: Site


class OneConference(MeetingOrder):
    """Orders about the conference that need nothing else: egress, egress_end."""


class LockConference(MeetingOrder):
    """Nobody else comes in, until it is unlocked. Who was in and lost the link comes back."""

    locked: bool


class CallRoll(MeetingOrder):
    """Ask all points to answer; `false` ends the roll call. Answers of the one before are forgotten at its beginning."""

    on: bool


class AnswerRoll(MeetingOrder):
    """By the point's own operator, or, with `point_id`, by whoever controls the points."""

    point_id: Id | None = None
    attending: Annotated[int, Field(ge=0, le=10_000)]


class CountHall(MeetingOrder):
    """By a point's operator: how many people there are in its hall, at any time."""

    attending: Annotated[int, Field(ge=0, le=10_000)]


class StartRecording(MeetingOrder):
    """Record stage and sound from now on; everybody is told."""


class StopRecording(MeetingOrder):
    """Of the recording under way."""


class RemoveRecording(MeetingOrder):
    """Delete a finished recording and its file, for good."""

    recording_id: Id


class ReportRecording(MeetingOrder):
    """By the system, when a recording has ended, well or not."""

    recording_id: Id
    state: RecordingState
    problem: ShortLine = ""
    seconds: float
    bytes: int
    chapters: tuple[Chapter, ...] = ()


class Token(Wire):
    """Answer to `point.ingest` (WHIP) and `conference.egress` (WHEP): where an encoder or player connects and the bearer
    token it shows. It is told this once, in the first answer; the one before it stops working."""

    told_once: ClassVar[frozenset[str]] = frozenset({"token"})
    path: str
    token: str | None


class NodeChoice(View):
    """What the house wants of a media node, which may be away at the moment."""

    node: NodeName
    draining: bool = Field(description="it gets no meetings and gives away those it has")


class DrainNode(Order):
    """Before a node is serviced: its meetings move to the others, without an end. `false` takes it back."""

    node: NodeName
    draining: bool


class NodeChanged(Event, name="node.changed", audience=Audience.ADMINS):
    node: NodeChoice


class ReportConference(MeetingOrder):
    """By the system, when the media node that carries the conference has changed; empty: it is gone and there is no other."""

    node: ShortLine


class PointChanged(Event, name="point.changed", audience=Audience.MEETING):
    point: PointView


class PointRemoved(Event, name="point.removed", audience=Audience.MEETING):
    id: Id


class ConferenceChanged(Event, name="conference.changed", audience=Audience.MEETING):
    conference: ConferenceView


class RecordingChanged(Event, name="recording.changed", audience=Audience.MEETING):
    recording: RecordingView


class RecordingRemoved(Event, name="recording.removed", audience=Audience.MEETING):
    id: Id


# --- what technicians watch (not journalled) ---


class PointSample(Wire):
    """One point's figures at a moment, seconds since 1970; units as in `PeerReport`."""

    at: float
    loss_up_pct: float
    loss_down_pct: float
    jitter_up_ms: float
    rtt_ms: float
    up_kbps: int
    down_kbps: int
    estimate_kbps: int
    quality: Quality


class PointHistory(Wire):
    """The last half hour of one point, oldest first: a sample every two seconds of the last two minutes, and about every
    twentieth second before."""

    point_id: Id
    report: PeerReport | None
    samples: tuple[PointSample, ...]


class NodeView(Wire):
    """A node as the technician sees it; `draining`: it gets no meetings and gives away those it has."""

    node: NodeName
    engine: Literal["reference", "native"]
    site: Site
    draining: bool
    meetings: tuple[Id, ...]
    peers: int
    cores: float
    lag_ms: float


class AskBoard(MeetingOrder):
    """Browser -> server, as `media.board`. `since`: only samples after that moment (seconds since 1970), so that a board
    that is looked at for hours costs little."""

    since: float = 0


class Board(Wire):
    """Answer to the socket request `media.board`, for technicians: all points of a meeting and all nodes."""

    nodes: tuple[NodeView, ...]
    points: tuple[PointHistory, ...]
