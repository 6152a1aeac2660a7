"""Accounts from the server's own console: the first administrator, and a way back in after a lost password."""

import secrets

from sqlalchemy import select

from meetroom.access import Actor
from meetroom.door import Door
from meetroom.people import service as people  # noqa: F401 - puts its commands into the door
from meetroom.people.tables import Person
from meetroom.store.engine import Store

CONSOLE = Actor(system="console")


def set_account(store: Store, username: str, password: str, *, full_name: str, house_role: str) -> bool:
    """Create the account, or set its password and end its sessions if it exists; returns whether it is new.

    Who has a shell on the server may do what an administrator may; the journal names the console. Raises Refusal.
    """
    door = Door(store, roles=lambda *_: frozenset({"house:admin"}))
    with store.read() as session:
        known = session.scalar(select(Person.id).where(Person.username == username.strip().lower()))
    order: dict[str, object]
    if known is None:
        name = "person.create"
        order = {"full_name": full_name, "username": username, "password": password, "house_role": house_role}
    else:
        name, order = "person.set_password", {"person_id": known, "password": password}
    door.perform(name, order, actor=CONSOLE, op_id=secrets.token_hex(16))
    return known is None
