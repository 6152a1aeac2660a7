"""What crosses a wire for conference points: commands and views for people, plans and reports for media nodes."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, Order, ShortLine, View, Wire

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{1,60}$")]
Site = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{0,60}$")]
"""The name of a node that stands at a site of its own and serves the points there; empty: none."""


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


class Quality(StrEnum):
    """The steps in which a weak link is relieved, best first: the stage in its highest, middle or lowest layer, single
    pictures, sound alone, and not even that: only the page on show goes on."""

    HIGH = "high"
    MID = "mid"
    LOW = "low"
    STILLS = "stills"
    AUDIO = "audio"
    PAGE = "page"


class Reason(StrEnum):
    """Why a point's pictures are not the best there are."""

    NONE = ""
    DOWN = "down"  # too little comes through to the point
    UP = "up"  # too little comes through from the point
    LIMIT = "limit"  # the technician's choice


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


class RecordingState(StrEnum):
    RECORDING = "recording"
    READY = "ready"
    FAILED = "failed"


class Chapter(Wire):
    """A part of a recording: `at` seconds from its beginning."""

    at: float
    title: Line


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


# --- server <-> media node <-> browser (not journalled: a plan is remade from the facts at any time) ---
# On the line between node and server: the node tells `hello` (NodeHello), `slots` (SlotsChanged), `sending` (SendingChanged),
# `report` (PeerReport), `recorded` (RecordReport), `load` (NodeReport), at times several of a kind in one message, and asks
# `uplink.offer` (MediaOffer -> MediaAnswer); the server asks `plan` (Plan) and `offer` (MediaOffer -> MediaAnswer), and tells
# `slots` (SlotsChanged of a relay's other end, in that connection's own mids).

PeerId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
Mid = Annotated[str, StringConstraints(max_length=16)]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=200_000)]


class Kind(StrEnum):
    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"


class Layer(StrEnum):
    """Simulcast layers from lowest to highest; the rid on the wire is the same letter."""

    LOW = "q"
    MID = "h"
    HIGH = "f"


class Want(Wire):
    """One picture a peer should receive: whose, which source, and the highest layer that is worth sending."""

    peer: PeerId
    kind: Literal[Kind.CAMERA, Kind.SCREEN] = Kind.CAMERA
    layer: Layer = Layer.LOW


class PeerPlan(Wire):
    """What one participant's connection should carry.

    `stage` goes to the peer's first video slot, `gallery` to the others in this order as far as slots go; a picture
    that stays wanted keeps its slot. `heard`: this peer's microphone may be forwarded to others at all. `limit`: the
    best quality it may be sent. `echo`: it hears its own microphone, which nobody else does (pre-flight). `relay`: the
    other end is a node; it gets each of these sources once, in any slot, with the microphones of all heard peers.
    """

    peer: PeerId
    heard: bool = False
    stage: Want | None = None
    gallery: tuple[Want, ...] = ()
    limit: Quality = Quality.HIGH
    echo: bool = False
    relay: tuple[Want, ...] | None = None


class Record(Wire):
    """Record the meeting under this number; `chapter` is the item of the agenda in hand: when it changes, a chapter
    begins. Stage as `stage` says (null: as the loudest voice decides), every heard voice."""

    recording_id: Id
    stage: Want | None = None
    chapter: Line


class Uplink(Wire):
    """This node calls another one for a meeting they share: it offers to `node` as `peer` there. Here the connection is
    the peer of the same name, whose `relay` says what the other node wants from this one."""

    node: NodeName
    peer: PeerId


class Plan(Wire):
    """The whole wanted state of one meeting's media on one node. `always` are peers whose audio every other peer gets
    (the floor holder); remaining audio slots go to the loudest of the heard, `voices` in all. `follow_voice`: the
    camera of the loudest voice takes the stage of every peer whose plan has another or none there. Peers not named are
    disconnected."""

    meeting_id: Id
    revision: int
    peers: tuple[PeerPlan, ...]
    always: tuple[PeerId, ...] = ()
    follow_voice: bool = False
    voices: int = 4
    record: Record | None = None
    uplinks: tuple[Uplink, ...] = ()


class MediaOffer(Wire):
    """A browser's offer, passed through the server unread. `sources` says what each sending section (mid) is.
    The same call serves the first offer, an ICE restart, more slots, another node (uplink), encoders and players (WHIP,
    WHEP: without `sources` the first sending audio section is the microphone, the first sending video the camera)."""

    meeting_id: Id
    peer: PeerId
    sdp: Sdp
    sources: dict[Mid, Kind] = Field(default_factory=dict, max_length=128)


class MediaAnswer(Wire):
    sdp: Sdp


class Shown(Wire):
    """Which source a slot shows now; `peer` null: the slot is empty."""

    mid: Mid
    peer: PeerId | None = None
    kind: Kind | None = None


class SlotsChanged(Wire):
    """Node -> server -> that peer's browser (or, for a relay, its node), after every change of a binding: all slots, whole."""

    meeting_id: Id
    peer: PeerId
    slots: tuple[Shown, ...]


class Watched(Wire):
    """One source of a peer and the highest layer anybody watches; null: nobody does."""

    kind: Kind
    layer: Layer | None = None


class SendingChanged(Wire):
    """Node -> server -> that peer's browser, as `sending`: which of its layers are worth sending at all. Above a watched
    layer nothing is, below it everything. More is told at once, less after a while without anybody."""

    meeting_id: Id
    peer: PeerId
    sources: tuple[Watched, ...]


class PeerReport(Wire):
    """Node -> server every 2 s per peer, and at once when `state` or `quality` changes; server -> browser as `link`.
    Units: percent, milliseconds, kbit/s. `estimate_kbps`: what the way down is thought to carry, 0 while unknown.
    `layer`: that of the stage it gets now. `up`: the layers of its camera that arrive, lowest first."""

    meeting_id: Id
    peer: PeerId
    state: Literal["connecting", "connected", "lost", "closed"]
    loss_up_pct: float = 0
    loss_down_pct: float = 0
    jitter_up_ms: float = 0
    jitter_down_ms: float = 0
    rtt_ms: float = 0
    up_kbps: int = 0
    down_kbps: int = 0
    estimate_kbps: int = 0
    quality: Quality = Quality.HIGH
    reason: Reason = Reason.NONE
    layer: Layer | None = None
    up: tuple[Layer, ...] = ()
    speaking: bool = False


class RecordReport(Wire):
    """Node -> server when a recording has ended, in words of `ReportRecording`. The file is in the node's folder of
    recordings as `<meeting>-<recording>.webm`."""

    meeting_id: Id
    recording_id: Id
    state: RecordingState
    problem: ShortLine = ""
    seconds: float
    bytes: int
    chapters: tuple[Chapter, ...] = ()


class NodeHello(Wire):
    """First message of a node after it dialled the server's /media namespace. `site`: see `PlacePoint`; empty: it serves
    any meeting. `records`: its folder of recordings is the server's. `recordings`: those under way here at this moment, for
    a node that went on while the line was broken; what a server expects here and does not find, is lost."""

    node: NodeName
    engine: Literal["reference", "native"]
    addresses: tuple[str, ...]
    port: int
    site: Site = ""
    records: bool = False
    recordings: tuple[Id, ...] = ()


class NodeReport(Wire):
    """Node -> server every 5 s. `cores`: CPU seconds per second of the whole process; `lag_ms`: the worst delay of its
    event loop; packets per second."""

    node: NodeName
    peers: int
    cores: float
    lag_ms: float
    packets_in: float
    packets_out: float


class Moved(Wire):
    """Server -> browser, as `moved`: this peer's place is on another node now, or on one that was restarted. The browser
    offers again, as for a repair; if another node answers, it makes its connection anew."""

    peer: PeerId


class IceServer(Wire):
    """A TURN server as RTCPeerConnection takes it, with credentials that expire (draft-uberti-behave-turn-rest-00)."""

    urls: tuple[str, ...]
    username: str
    credential: str


class Joined(Wire):
    """Answer to `media.join`: the name this browser has in the conference, and how to reach the node if UDP is blocked."""

    peer: PeerId
    ice_servers: tuple[IceServer, ...] = ()


class ShareScreen(Order):
    """Browser -> server, as `media.share`: its screen source carries a picture now, or no longer."""

    peer: PeerId
    on: bool


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
