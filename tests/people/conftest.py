"""A browser that signs in as people do."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from meetroom.app import create_app
from meetroom.http import House
from meetroom.people import sessions
from meetroom.people.service import hasher
from meetroom.people.tables import Person
from tests.sitting import Sitting

PASSWORD = "thanhgiang2026"


class Browser(FlaskClient):
    """`browser.login("hanh")` signs in; its cookie is sent from then on."""

    def login(self, username: str, password: str = PASSWORD) -> int:
        """The answer's status."""
        return self.post(
            "/api/login", json={"username": username, "password": password}, base_url="https://localhost"
        ).status_code

    def status(self, path: str) -> int:
        return self.get(path, base_url="https://localhost").status_code


@pytest.fixture
def house(sitting: Sitting, tmp_path: Path) -> House:
    parts = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    return House(**parts, identify=sessions.actor, pages=tmp_path, url="https://localhost", login_attempts=3)  # type: ignore[arg-type]


@pytest.fixture
def browser(house: House, sitting: Sitting) -> Browser:
    """Everybody has the same password, except the wall, which has none."""
    hashed = hasher().hash(PASSWORD)
    with house.store.write() as session:
        for persona, id in sitting.people.items():
            session.get_one(Person, id).password_hash = None if persona == "wall" else hashed
    app = create_app(house)
    app.test_client_class = Browser
    client = app.test_client()
    assert isinstance(client, Browser)
    return client
