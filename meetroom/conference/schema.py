"""What crosses the lines between the server, its media nodes and browsers, and the words of both: all that a media node knows.
Nothing of it is journalled: a plan is remade from the facts at any time.

On the line between node and server: the node tells `hello` (NodeHello), `slots` (SlotsChanged), `sending` (SendingChanged),
`report` (PeerReport), `recorded` (RecordReport), `load` (NodeReport), at times several of a kind in one message, and asks
`uplink.offer` (MediaOffer -> MediaAnswer); the server asks `plan` (Plan) and `offer` (MediaOffer -> MediaAnswer), and tells
`slots` (SlotsChanged of a relay's other end, in that connection's own mids).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from meetroom.wire import Id, Line, Order, ShortLine, Wire

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{1,60}$")]
Site = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{0,60}$")]
"""The name of a node that stands at a site of its own and serves the points there; empty: none."""
PeerId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
Mid = Annotated[str, StringConstraints(max_length=16)]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=200_000)]


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


class RecordingState(StrEnum):
    RECORDING = "recording"
    READY = "ready"
    FAILED = "failed"


class Chapter(Wire):
    """A part of a recording: `at` seconds from its beginning."""

    at: float
    title: Line


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
