"""What crosses a wire for conference points: commands and views for people, plans and reports for media nodes."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, ShortLine, View, Wire


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
    detail: ShortLine = ""


class PointChanged(Event, name="point.changed", audience=Audience.MEETING):
    point: PointView


class PointRemoved(Event, name="point.removed", audience=Audience.MEETING):
    id: Id


# --- server <-> media node <-> browser (not journalled: a plan is remade from the facts at any time) ---

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
    that stays wanted keeps its slot. `heard`: this peer's microphone may be forwarded to others at all.
    """

    peer: PeerId
    heard: bool = False
    stage: Want | None = None
    gallery: tuple[Want, ...] = ()


class Plan(Wire):
    """The whole wanted state of one meeting's media. `always` are peers whose audio every other peer gets
    (the floor holder); remaining audio slots go to the loudest of the heard. Peers not named are disconnected."""

    meeting_id: Id
    revision: int
    peers: tuple[PeerPlan, ...]
    always: tuple[PeerId, ...] = ()


class MediaOffer(Wire):
    """A browser's offer, passed through the server unread. `sources` says what each sending section (mid) is.
    The same call serves the first offer, an ICE restart and more slots."""

    meeting_id: Id
    peer: PeerId
    sdp: Sdp
    sources: dict[Mid, Kind] = Field(default_factory=dict, max_length=8)


class MediaAnswer(Wire):
    sdp: Sdp


class Shown(Wire):
    """Which source a slot shows now; `peer` null: the slot is empty."""

    mid: Mid
    peer: PeerId | None = None
    kind: Kind | None = None


class SlotsChanged(Wire):
    """Node -> server -> that peer's browser, after every change of a binding: all slots, whole."""

    meeting_id: Id
    peer: PeerId
    slots: tuple[Shown, ...]


class PeerReport(Wire):
    """Node -> server every 2 s per peer, and at once when `state` changes. Units: percent, milliseconds, kbit/s."""

    meeting_id: Id
    peer: PeerId
    state: Literal["connecting", "connected", "lost", "closed"]
    loss_up_pct: float = 0
    loss_down_pct: float = 0
    rtt_ms: float = 0
    up_kbps: int = 0
    down_kbps: int = 0
    speaking: bool = False


class NodeHello(Wire):
    """First message of a node after it dialled the server's /media namespace."""

    node: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{1,60}$")]
    engine: Literal["reference", "native"]
    addresses: tuple[str, ...]
    port: int
