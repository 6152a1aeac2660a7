"""Taking people and units over from a spreadsheet: first a look at what it would do, then the command that does it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.people import service as people
from meetroom.people.rules import Version, at, fold, guess_level, spelling
from meetroom.people.schema import (
    CreateUnit,
    HouseRole,
    ImportPeople,
    ImportPreview,
    ImportResult,
    ImportRow,
    Level,
    NewUnit,
    PersonChanged,
)
from meetroom.people.sheets import Row
from meetroom.people.tables import ImportSheet, Person, Unit
from meetroom.wire import local_date

ROLES = {
    **dict.fromkeys(("", "dai bieu", "khong", "none", "delegate"), HouseRole.NONE),
    **dict.fromkeys(("quan tri", "quan tri vien", "admin", "administrator"), HouseRole.ADMIN),
    **dict.fromkeys(("thu ky", "secretary"), HouseRole.SECRETARY),
    **dict.fromkeys(("ky thuat", "ky thuat vien", "technician"), HouseRole.TECHNICIAN),
}
USERNAME = re.compile(r"[a-z0-9._@-]{2,60}")
LONGEST = 300  # characters, as wire.Line
AMBIGUOUS, CLOSED = 0, -1  # in place of a unit's id: several are called so, or one that is no more
UNIT_PROBLEMS = {AMBIGUOUS: "ambiguous", CLOSED: "closed_unit"}


@dataclass
class Finding:
    """What a row comes to: the person it updates (none: a new one), and what is wrong with it, code by column."""

    row: Row
    person: Person | None = None
    problems: dict[str, str] = field(default_factory=dict)


@dataclass
class Known:
    """Who and what is there already, by how it is spelled. A name may belong to several people."""

    units: dict[str, int]
    provinces: list[str]
    by_username: dict[str, Person] = field(default_factory=dict)
    by_name: dict[tuple[str, int | None], list[Person]] = field(default_factory=lambda: defaultdict(list))

    def unit_of(self, row: Row) -> int | None:
        """The id of a row's unit; None when it names none, or one that is not there yet."""
        return self.units.get(spelling(row.unit)) if row.unit else None


def remember(session: Session, person_id: int, sheet: str, rows: Iterable[Row], now: datetime) -> None:
    """Keep a sheet's rows for `person.import`; the person's earlier one is forgotten."""
    session.merge(ImportSheet(person_id=person_id, sheet=sheet, rows=[astuple(row) for row in rows], at=now))


def preview(session: Session, sheet: str, rows: list[Row], day: date) -> ImportPreview:
    """What taking the sheet over would do; nothing is changed."""
    known = look_around(session, day)
    findings = examine(rows, known)
    good = sum(not finding.problems for finding in findings)
    return ImportPreview(
        sheet=sheet,
        rows=tuple(_view(finding, known) for finding in findings),
        good=good,
        bad=len(findings) - good,
        new_units=tuple(new_units(findings, known)),
    )


@command("person.import", may=May.MANAGE_HOUSE)
def import_people(call: Call, order: ImportPeople) -> ImportResult:
    """Cells that are empty leave what is there; nobody is removed, and nobody gets a password."""
    kept = call.session.get(ImportSheet, call.person_id)
    if kept is None or kept.sheet != order.sheet:
        raise Refusal("no_such_upload")
    known = look_around(call.session, local_date(call.now))
    findings = examine([Row(*cells) for cells in kept.rows], known)
    units = new_units(findings, known)
    _make_units(call, units, known)
    good = [finding for finding in findings if not finding.problems]
    made = [_take_over(call.session, finding, known) for finding in good if finding.person is None]
    changed = [_take_over(call.session, finding, known) for finding in good if finding.person is not None]
    changed = [person for person in changed if call.session.is_modified(person)]
    call.session.delete(kept)
    call.session.flush()
    people.refuse_no_admin(call.session)
    for person in (*made, *changed):
        call.tell(PersonChanged(person=people.person_view(person)))
    return ImportResult(
        created=len(made),
        updated=len(changed),
        unchanged=len(good) - len(made) - len(changed),
        skipped=len(findings) - len(good),
        units=len(units),
    )


def look_around(session: Session, day: date) -> Known:
    histories = {unit.id: people.versions(unit) for unit in session.scalars(select(Unit))}
    current = {id: now for id, dated in histories.items() if (now := at(dated, day) or _coming(dated, day))}
    provinces = [version.name for version in current.values() if version.level == Level.PROVINCE]
    known = Known(unit_names(histories, current), provinces)
    for person in session.scalars(select(Person).order_by(Person.id)):
        known.by_name[spelling(person.full_name), person.unit_id].append(person)
        if person.username:
            known.by_username[person.username] = person
    return known


def _coming(dated: tuple[Version, ...], day: date) -> Version | None:
    """How a unit will be that is not there yet: its people may be entered in time."""
    return dated[0] if dated[0].valid_from > day else None


def unit_names(histories: dict[int, tuple[Version, ...]], current: dict[int, Version]) -> dict[str, int]:
    """Whom a unit's name means: today's name, alone or followed by the unit above ("Phòng Kinh tế, Xã Tân Lập"); else a
    former name of one that is called otherwise now; else one that was closed."""
    today: dict[str, set[int]] = defaultdict(set)
    former: dict[str, set[int]] = defaultdict(set)
    for id, dated in histories.items():
        for version in dated:
            former[spelling(version.name)].add(id if id in current else CLOSED)
    for id, now in current.items():
        today[spelling(now.name)].add(id)
        if above := current.get(now.parent_id or 0):
            today[spelling(f"{now.name}, {above.name}")].add(id)
    meant = {**{name: ids - {CLOSED} or ids for name, ids in former.items()}, **today}
    return {name: next(iter(ids)) if len(ids) == 1 else AMBIGUOUS for name, ids in meant.items()}


def examine(rows: Iterable[Row], known: Known) -> list[Finding]:
    """Every row with whom it means and what is wrong with it. Somebody is known by the user name, else by name and unit."""
    findings = []
    usernames: set[str] = set()
    named: set[tuple[str, str]] = set()  # name and unit of every row so far
    nameless: set[tuple[str, str]] = set()  # of those without a user name
    taken: set[int] = set()
    for row in rows:
        finding = Finding(row, problems=wrong_cells(row))
        username, name = row.username.lower(), (spelling(row.full_name), spelling(row.unit))
        if (unit := known.unit_of(row)) is not None and unit in UNIT_PROBLEMS:
            finding.problems["unit"] = UNIT_PROBLEMS[unit]
        if username in usernames:
            finding.problems.setdefault("username", "duplicate_in_sheet")
        elif name in (nameless if username else named):
            finding.problems.setdefault("full_name", "duplicate_in_sheet")
        if not finding.problems:
            _find_person(finding, known, taken)
        if not finding.problems:
            named.add(name)
            (usernames.add(username) if username else nameless.add(name))
            if finding.person is not None:
                taken.add(finding.person.id)
        findings.append(finding)
    return findings


def wrong_cells(row: Row) -> dict[str, str]:
    """What is wrong with the cells themselves."""
    problems = {column: "too_long" for column in ("full_name", "position", "unit") if len(getattr(row, column)) > LONGEST}
    if not row.full_name:
        problems["full_name"] = "empty"
    elif not row.full_name[0].isalpha():
        problems["full_name"] = "bad_name"
    if row.username and not USERNAME.fullmatch(row.username.lower()):
        problems["username"] = "bad_username"
    if fold(row.house_role) not in ROLES:
        problems["house_role"] = "unknown_role"
    return problems


def _find_person(finding: Finding, known: Known, taken: set[int]) -> None:
    row = finding.row
    holder = known.by_username.get(row.username.lower())
    if holder is not None:
        if spelling(holder.full_name) != spelling(row.full_name):
            finding.problems["username"] = "username_taken"
        elif holder.id in taken:
            finding.problems["full_name"] = "duplicate_in_sheet"
        else:
            finding.person = holder
        return
    if row.unit and known.unit_of(row) is None:
        return  # a new unit has nobody yet
    same = known.by_name.get((spelling(row.full_name), known.unit_of(row)), [])
    # Who has a user name is not somebody whom the sheet calls by another one.
    same = [person for person in same if person.id not in taken and not (row.username and person.username)]
    if len(same) > 1:
        finding.problems["full_name"] = "ambiguous"
    elif same:
        finding.person = same[0]


def new_units(findings: Iterable[Finding], known: Known) -> list[NewUnit]:
    """Units that rows without problems name and that are not there yet, provinces first. Where there is one province, the
    others come under it."""
    names: dict[str, str] = {}  # as the first row writes each
    for finding in findings:
        if finding.row.unit and not finding.problems:
            names.setdefault(spelling(finding.row.unit), finding.row.unit)
    levels = {name: Level(guess_level(name)) for key, name in names.items() if key not in known.units}
    provinces = [name for name, level in levels.items() if level == Level.PROVINCE]
    every = [*known.provinces, *provinces]
    above = every[0] if len(every) == 1 else None
    others = [NewUnit(name=name, level=level, parent=above) for name, level in levels.items() if level != Level.PROVINCE]
    return [*(NewUnit(name=name, level=Level.PROVINCE, parent=None) for name in provinces), *others]


def _make_units(call: Call, units: Iterable[NewUnit], known: Known) -> None:
    for unit in units:
        parent = known.units[spelling(unit.parent)] if unit.parent else None
        order = CreateUnit(name=unit.name, level=unit.level, parent_id=parent, valid_from=local_date(call.now))
        known.units[spelling(unit.name)] = people.create_unit(call, order).id


def _take_over(session: Session, finding: Finding, known: Known) -> Person:
    row, person = finding.row, finding.person
    if person is None:
        person = Person(full_name=row.full_name, position="", house_role=HouseRole.NONE, active=True)
        session.add(person)
    person.full_name = row.full_name
    person.position = row.position or person.position
    person.unit_id = known.unit_of(row) or person.unit_id
    person.username = row.username.lower() or person.username
    if row.house_role:
        person.house_role = ROLES[fold(row.house_role)]
    return person


def _view(finding: Finding, known: Known) -> ImportRow:
    row = finding.row
    unit = known.unit_of(row)
    return ImportRow(
        row=row.number,
        full_name=row.full_name,
        position=row.position,
        unit=row.unit,
        username=row.username,
        house_role=row.house_role,
        person_id=finding.person and finding.person.id,
        unit_id=None if unit in UNIT_PROBLEMS else unit,
        problems=finding.problems,
    )
