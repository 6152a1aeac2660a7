"""What crosses a wire for people, units, accounts and shared tablets."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from meetroom.wire import Audience, Event, Id, Line, OptionalLine, Order, Sha256, View, Wire

Username = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[a-zA-Z0-9._@-]{2,60}$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=200)]


class HouseRole(StrEnum):
    """What a person may do outside any meeting. NONE: only what their meetings give them."""

    ADMIN = "admin"
    SECRETARY = "secretary"
    TECHNICIAN = "technician"
    NONE = "none"


class Level(StrEnum):
    """The two levels since 1 July 2025, and bodies within them (departments, agencies)."""

    PROVINCE = "province"
    COMMUNE = "commune"
    BODY = "body"


class UnitVersion(Wire):
    """How a unit was named and placed during [valid_from, valid_to); `valid_to` null: still so."""

    name: Line
    level: Level
    parent_id: Id | None
    valid_from: date
    valid_to: date | None


class UnitView(View):
    """A unit as it is today (`name`, `level`, `parent_id`) with all its dated versions, newest last."""

    name: Line
    level: Level
    parent_id: Id | None
    active: bool
    versions: tuple[UnitVersion, ...]


class PersonView(View):
    """`has_password`: can sign in by name; who has none comes in by a seat's card only."""

    full_name: Line
    position: OptionalLine
    unit_id: Id | None
    username: str | None
    has_password: bool
    house_role: HouseRole
    active: bool


class FoundPerson(View):
    """A person as those who prepare meetings find them."""

    full_name: Line
    position: OptionalLine
    unit: str


class CreateUnit(Order):
    name: Line
    level: Level
    parent_id: Id | None = None
    valid_from: date


class ChangeUnit(Order):
    """A new dated version: renamed, moved or of another level from `valid_from` on."""

    unit_id: Id
    name: Line
    level: Level
    parent_id: Id | None = None
    valid_from: date


class CloseUnit(Order):
    """The unit no longer exists from `valid_to` on (merged, dissolved); history keeps it."""

    unit_id: Id
    valid_to: date


class CreatePerson(Order):
    full_name: Line
    position: OptionalLine = ""
    unit_id: Id | None = None
    username: Username | None = None
    password: Password | None = None
    house_role: HouseRole = HouseRole.NONE


class UpdatePerson(Order):
    person_id: Id
    full_name: Line
    position: OptionalLine = ""
    unit_id: Id | None = None
    username: Username | None = None
    house_role: HouseRole = HouseRole.NONE


class SetPassword(Order):
    """Also ends every session of that person."""

    person_id: Id
    password: Password


class SetActive(Order):
    """Switch a person's account off (sessions end at once) or on again."""

    person_id: Id
    active: bool


class ImportPeople(Order):
    """Take over the sheet one previewed last. What is wrong by now is left out, row by row."""

    sheet: Sha256


class ImportRow(Wire):
    """One row of the preview: `row` as the spreadsheet counts, cells as read, `problems` as codes by column: empty, too_long,
    bad_name, bad_username, username_taken, unknown_role, ambiguous, closed_unit, duplicate_in_sheet. `person_id`: whom it
    updates. `unit_id`: the unit it means, perhaps by a former name; null when it names none or a new one."""

    row: int
    full_name: str
    position: str
    unit: str
    username: str
    house_role: str
    person_id: Id | None
    unit_id: Id | None
    problems: dict[str, str]


class NewUnit(Wire):
    """A unit the sheet names and nobody knows yet; its level is guessed from its first word."""

    name: str
    level: Level
    parent: str | None


class ImportPreview(Wire):
    sheet: Sha256
    rows: tuple[ImportRow, ...]
    good: int
    bad: int
    new_units: tuple[NewUnit, ...]


class ImportResult(Wire):
    """How many people were new, changed, already as the sheet says, and left out because of problems; units that were made."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    units: int


class PersonChanged(Event, name="person.changed", audience=Audience.ADMINS):
    person: PersonView


class UnitChanged(Event, name="unit.changed", audience=Audience.ADMINS):
    unit: UnitView
