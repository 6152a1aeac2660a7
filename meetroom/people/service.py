"""Commands about people and units, and what other nouns ask of them."""

from datetime import date
from functools import cache

from argon2 import PasswordHasher
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.people import rules
from meetroom.people.schema import (
    ChangeUnit,
    CloseUnit,
    CreatePerson,
    CreateUnit,
    FoundPerson,
    HouseRole,
    PersonChanged,
    PersonView,
    SetActive,
    SetPassword,
    UnitChanged,
    UnitVersion,
    UnitView,
    UpdatePerson,
)
from meetroom.people.tables import LoginSession, Person, Unit, UnitVersionRow
from meetroom.wire import local_date


@cache
def hasher() -> PasswordHasher:
    """argon2id with the library's current recommendation (RFC 9106, low-memory profile)."""
    return PasswordHasher()


@command("unit.create", may=May.MANAGE_HOUSE)
def create_unit(call: Call, order: CreateUnit) -> UnitView:
    if order.parent_id is not None:
        _unit(call.session, order.parent_id)
    unit = Unit()
    call.session.add(unit)
    call.session.flush()
    version = rules.Version(order.name, order.level, order.parent_id, order.valid_from)
    return _save_unit(call, unit, (version,))


@command("unit.change", may=May.MANAGE_HOUSE)
def change_unit(call: Call, order: ChangeUnit) -> UnitView:
    unit = _unit(call.session, order.unit_id)
    rules.refuse_cycle(unit.id, order.parent_id, lambda id: versions(_unit(call.session, id))[-1].parent_id)
    new = rules.Version(order.name, order.level, order.parent_id, order.valid_from)
    return _save_unit(call, unit, rules.supersede(versions(unit), new))


@command("unit.close", may=May.MANAGE_HOUSE)
def close_unit(call: Call, order: CloseUnit) -> UnitView:
    unit = _unit(call.session, order.unit_id)
    return _save_unit(call, unit, rules.end(versions(unit), order.valid_to))


@command("person.create", may=May.MANAGE_HOUSE)
def create_person(call: Call, order: CreatePerson) -> PersonView:
    _refuse_taken(call.session, order.username, None)
    person = Person(
        full_name=order.full_name,
        position=order.position,
        unit_id=order.unit_id and _unit(call.session, order.unit_id).id,
        username=order.username,
        password_hash=order.password and hasher().hash(order.password.get_secret_value()),
        house_role=order.house_role,
    )
    call.session.add(person)
    return _save_person(call, person)


@command("person.update", may=May.MANAGE_HOUSE)
def update_person(call: Call, order: UpdatePerson) -> PersonView:
    person = load_person(call.session, order.person_id)
    _refuse_taken(call.session, order.username, person.id)
    person.full_name, person.position, person.username = order.full_name, order.position, order.username
    person.unit_id = order.unit_id and _unit(call.session, order.unit_id).id
    person.house_role = order.house_role
    return _save_person(call, person)


@command("person.set_password", may=May.MANAGE_HOUSE)
def set_password(call: Call, order: SetPassword) -> None:
    person = load_person(call.session, order.person_id)
    person.password_hash = hasher().hash(order.password.get_secret_value())
    end_sessions(call.session, person.id)
    _save_person(call, person)


@command("person.set_active", may=May.MANAGE_HOUSE)
def set_active(call: Call, order: SetActive) -> PersonView:
    person = load_person(call.session, order.person_id)
    person.active = order.active
    if not order.active:
        end_sessions(call.session, person.id)
    return _save_person(call, person)


def load_person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise Refusal("not_found")
    return person


def refuse_no_admin(session: Session) -> None:
    """Somebody must be able to manage the house. Raises Refusal `last_admin`."""
    admins = select(func.count()).where(Person.house_role == HouseRole.ADMIN, Person.active)
    if not session.scalar(admins):
        raise Refusal("last_admin")


def end_sessions(session: Session, person_id: int) -> None:
    """Sign a person out everywhere."""
    session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))


def unit_name(session: Session, unit_id: int | None, day: date) -> str:
    """The unit's name on a day: papers and minutes say what it was called then."""
    unit = session.get(Unit, unit_id) if unit_id else None
    if unit is None:
        return ""
    dated = versions(unit)
    return (rules.at(dated, day) or dated[-1]).name


def people_views(session: Session) -> list[PersonView]:
    return [person_view(person) for person in session.scalars(select(Person).order_by(Person.id))]


def search(session: Session, query: str, *, day: date, limit: int) -> list[FoundPerson]:
    """People with an account that is not switched off whose name or unit matches, by given name. Units are named as on `day`."""
    units = {unit.id: unit_name(session, unit.id, day) for unit in session.scalars(select(Unit))}
    rows = session.execute(select(Person.id, Person.full_name, Person.position, Person.unit_id).where(Person.active))
    found = [
        FoundPerson(id=row.id, full_name=row.full_name, position=row.position, unit=units.get(row.unit_id, ""))
        for row in rows
        if rules.matches(f"{row.full_name} {units.get(row.unit_id, '')}", query)
    ]
    return sorted(found, key=lambda person: rules.by_given_name(person.full_name))[:limit]


def unit_views(session: Session, day: date) -> list[UnitView]:
    return [unit_view(unit, day) for unit in session.scalars(select(Unit).order_by(Unit.id))]


def person_view(person: Person) -> PersonView:
    return PersonView(
        id=person.id,
        full_name=person.full_name,
        position=person.position,
        unit_id=person.unit_id,
        username=person.username,
        has_password=person.password_hash is not None,
        house_role=HouseRole(person.house_role),
        active=person.active,
    )


def unit_view(unit: Unit, day: date) -> UnitView:
    dated = versions(unit)
    now = rules.at(dated, day)
    shown = now or dated[-1]
    return UnitView.model_validate(
        {
            "id": unit.id,
            "name": shown.name,
            "level": shown.level,
            "parent_id": shown.parent_id,
            "active": now is not None,
            "versions": [UnitVersion.model_validate(vars(v)) for v in dated],
        }
    )


def _unit(session: Session, unit_id: int) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Refusal("not_found")
    return unit


def versions(unit: Unit) -> tuple[rules.Version, ...]:
    return tuple(rules.Version(v.name, v.level, v.parent_id, v.valid_from, v.valid_to) for v in unit.versions)


def _save_unit(call: Call, unit: Unit, dated: tuple[rules.Version, ...]) -> UnitView:
    for index, version in enumerate(dated):
        if index < len(unit.versions):
            for name, value in vars(version).items():
                setattr(unit.versions[index], name, value)
        else:
            unit.versions.append(UnitVersionRow(unit_id=unit.id, **vars(version)))
    call.session.flush()
    view = unit_view(unit, local_date(call.now))
    call.tell(UnitChanged(unit=view))
    return view


def _save_person(call: Call, person: Person) -> PersonView:
    call.session.flush()
    refuse_no_admin(call.session)
    view = person_view(person)
    call.tell(PersonChanged(person=view))
    return view


def _refuse_taken(session: Session, username: str | None, person_id: int | None) -> None:
    holder = session.scalar(select(Person.id).where(Person.username == username)) if username else None
    if holder is not None and holder != person_id:
        raise Refusal("username_taken")
