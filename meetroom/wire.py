"""The bases of everything that crosses a wire. Pure pydantic: a media node imports this without a database."""

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[int, Field(ge=1, le=2**53 - 1, description="a row of one table; safe as a JavaScript number")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
ShortLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Moment = AwareDatetime


class Wire(BaseModel):
    """Frozen, strict about unknown keys: what is not in the schema is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    told_once: ClassVar[frozenset[str]] = frozenset()
    """Fields of a command's result that are only in its first answer: secrets of which nothing is stored."""


class Order(Wire):
    """What a command carries. An order of one meeting has `meeting_id`; the others belong to the house (stream 0)."""


class MeetingOrder(Order):
    meeting_id: Id


class View(Wire):
    """One noun as its audience may see it, whole. `id` is its key in the snapshot and in the client's state."""

    id: Id


class Audience(StrEnum):
    """Who receives an event. What is secret from some is an event class of its own, never an `if`."""

    MEETING = "meeting"  # every member of the meeting
    SECRETARIES = "secretaries"  # secretaries, technicians and the house's administrators
    PERSON = "person"  # one person, on all their devices; the event has `person_id`
    POINT = "point"  # the operators of one conference point; the event has `point_id`
    ADMINS = "admins"  # administrators of the house (stream 0)


class Event(Wire):
    """A change that happened. `name` is its name on the wire, `audience` who receives it.

    `hold_ms` > 0 marks a fast noun: within that time only the newest event of the same noun is sent
    (the journal has them all).
    """

    name: ClassVar[str]
    audience: ClassVar[Audience]
    hold_ms: ClassVar[int] = 0

    def __init_subclass__(cls, *, name: str, audience: Audience, hold_ms: int = 0, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name, cls.audience, cls.hold_ms = name, audience, hold_ms
        EVENTS[name] = cls

    def room(self) -> str:
        """The audience's key within its meeting: `meeting`, `secretaries`, `person:7`, `point:3`, `admins`."""
        match self.audience:
            case Audience.PERSON:
                return f"person:{self.__dict__['person_id']}"
            case Audience.POINT:
                return f"point:{self.__dict__['point_id']}"
            case plain:
                return plain.value


EVENTS: dict[str, type[Event]] = {}


VIETNAM = timezone(timedelta(hours=7))  # all year


def local_date(moment: datetime) -> date:
    """The date in Viet Nam, by which units change and rules of law begin."""
    return moment.astimezone(VIETNAM).date()


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, the one spelling of a moment on every wire and in every hash."""
    from datetime import UTC

    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
