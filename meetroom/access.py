"""Who may do what: roles, what each grants, and the actor of a call. Read the table aloud."""

from dataclasses import dataclass
from enum import StrEnum, auto


class May(StrEnum):
    """What a command can ask for. A command needs exactly one."""

    MANAGE_HOUSE = auto()  # people, units, accounts
    CREATE_MEETING = auto()
    SEE_MEETING = auto()
    PREPARE_MEETING = auto()  # agenda, members, points, papers, drafts of votes
    RUN_MEETING = auto()  # open, close, next item, publish, undo
    TAKE_PART = auto()  # arrive, leave, receipts
    CAST_BALLOT = auto()
    ASK_FOR_FLOOR = auto()
    RUN_FLOOR = auto()
    APPROVE = auto()  # substitutes
    PRESENT = auto()
    INSTRUCT = auto()  # a leader's written instruction on a paper
    CONTROL_POINTS = auto()
    OPERATE_POINT = auto()
    WATCH_RECEIPTS = auto()
    READ_JOURNAL = auto()
    HANDLE_MESSAGES = auto()  # the secretaries' desk: notes, calls for service, opinions
    REPORT = auto()  # the system's own processes: papers worker, media node, clock


_SEE = {May.SEE_MEETING}
_SIT = _SEE | {May.TAKE_PART, May.ASK_FOR_FLOOR, May.PRESENT, May.CAST_BALLOT}
_WATCH = _SEE | {May.WATCH_RECEIPTS, May.READ_JOURNAL, May.HANDLE_MESSAGES}

# `house:*` are a person's roles in the whole house, the others their role in the meeting at hand.
GRANTS: dict[str, frozenset[May]] = {
    "house:admin": frozenset(
        _WATCH | {May.MANAGE_HOUSE, May.CREATE_MEETING, May.PREPARE_MEETING, May.CONTROL_POINTS},
    ),
    "house:secretary": frozenset({May.CREATE_MEETING}),
    "house:technician": frozenset(_WATCH | {May.CONTROL_POINTS}),
    "secretary": frozenset(
        _WATCH | _SIT | {May.PREPARE_MEETING, May.RUN_MEETING, May.RUN_FLOOR, May.APPROVE, May.CONTROL_POINTS},
    ),
    "chair": frozenset(_SIT | {May.RUN_FLOOR, May.APPROVE, May.INSTRUCT, May.CONTROL_POINTS}),
    "delegate": frozenset(_SIT),
    "guest": frozenset(_SEE | {May.TAKE_PART, May.ASK_FOR_FLOOR, May.PRESENT}),
    "operator": frozenset(_SEE | {May.TAKE_PART, May.ASK_FOR_FLOOR, May.OPERATE_POINT}),
    "technician": frozenset(_WATCH | {May.CONTROL_POINTS}),
    "wall": frozenset(_SEE),
    "system": frozenset({May.REPORT}),
}

SECRETARIAL = frozenset({"secretary", "technician", "house:admin", "house:technician"})


@dataclass(frozen=True)
class Actor:
    """Who acts, as the session says: a person, or one of the system's own processes (`system`).

    `seat_of`: a shared tablet paired to a seat acts in that meeting only. `session`: the login it rests on, looked up
    again at every command, so that signing out or switching an account off takes effect at once."""

    person_id: int | None = None
    system: str | None = None
    seat_of: int | None = None
    session: str | None = None

    @property
    def key(self) -> str:
        return f"system:{self.system}" if self.system else f"person:{self.person_id}"


@dataclass(frozen=True)
class Viewer:
    """Somebody looking at a meeting, with what the database says about them there."""

    person_id: int | None
    roles: frozenset[str]
    member_id: int | None = None
    point_id: int | None = None

    def may(self, what: May) -> bool:
        return may(self.roles, what)

    @property
    def secretarial(self) -> bool:
        """Sees what secretaries see."""
        return bool(self.roles & SECRETARIAL)

    @property
    def role(self) -> str | None:
        """The role in the meeting at hand."""
        return next((role for role in self.roles if ":" not in role), None)

    def rooms(self) -> list[str]:
        """The audiences this viewer belongs to, see wire.Event.room."""
        rooms = []
        if self.may(May.SEE_MEETING):
            rooms.append("meeting")
        if self.secretarial:
            rooms.append("secretaries")
        if rooms and self.person_id:
            rooms.append(f"person:{self.person_id}")
        if rooms and self.point_id:
            rooms.append(f"point:{self.point_id}")
        return rooms

    def house_rooms(self) -> list[str]:
        """The audiences in stream 0."""
        return ["admins"] if self.may(May.MANAGE_HOUSE) else []


def may(roles: frozenset[str], what: May) -> bool:
    return any(what in GRANTS[role] for role in roles)
