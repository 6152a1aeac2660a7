"""Searching people over HTTP, as those who prepare a meeting do, and the QR code of a seat's card."""

import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from meetroom.app import create_app
from meetroom.http import COOKIE, House
from tests.sitting import PEOPLE, Sitting


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    """A browser whose cookie names the persona."""

    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    house = House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")  # type: ignore[arg-type]
    return create_app(house).test_client()


def search(client: FlaskClient, persona: str, **query: object) -> Any:
    client.set_cookie(COOKIE, persona)
    return client.get("/api/people", query_string=query)


def names(client: FlaskClient, sitting: Sitting, q: str) -> list[str]:
    answer = search(client, "secretary", meeting_id=sitting.meeting, q=q)
    assert answer.status_code == 200
    return [person["full_name"] for person in answer.json["result"]]


@pytest.mark.parametrize("q", ["hanh", "Hạnh", "hong hanh", "hạnh nguyễn", "NGUYỄN THỊ H"])
def test_a_secretary_finds_a_person_with_or_without_diacritics(client: FlaskClient, sitting: Sitting, q: str) -> None:
    assert names(client, sitting, q) == ["Nguyễn Thị Hồng Hạnh"]


def test_words_are_found_from_their_beginning_only(client: FlaskClient, sitting: Sitting) -> None:
    assert names(client, sitting, "anh") == []
    assert names(client, sitting, "do thuy") == ["Đỗ Thị Thùy Linh"]


def test_everybody_is_listed_by_given_name(client: FlaskClient, sitting: Sitting) -> None:
    listed = names(client, sitting, "")
    assert listed[:3] == ["Hoàng Văn Bách", "Trần Quốc Bảo", "Lê Thị Minh Châu"]
    assert len(listed) == len(PEOPLE)


def test_a_unit_is_searched_and_named_as_on_the_day_of_the_meeting(client: FlaskClient, sitting: Sitting) -> None:
    unit = sitting.do("admin", "unit.create", name="Xã Tân Lập", level="commune", valid_from="2025-07-01")["id"]
    later = {"unit_id": unit, "name": "Phường Tân Lập", "level": "commune", "valid_from": date(2027, 1, 1).isoformat()}
    sitting.do("admin", "unit.change", **later)
    person = {"full_name": "Đinh Công Hậu", "position": "Trưởng thôn", "unit_id": unit}
    created = sitting.do("admin", "person.create", **person)["id"]
    found = search(client, "secretary", meeting_id=sitting.meeting, q="hau tan lap").json["result"]
    assert found == [{"id": created, "full_name": "Đinh Công Hậu", "position": "Trưởng thôn", "unit": "Xã Tân Lập"}]


def test_whose_account_is_off_is_not_found(client: FlaskClient, sitting: Sitting) -> None:
    sitting.do("admin", "person.set_active", person_id=sitting.people["hanh"], active=False)
    assert names(client, sitting, "hanh") == []


def test_thirty_are_shown_at_most(client: FlaskClient, sitting: Sitting) -> None:
    for n in range(31):
        sitting.do("admin", "person.create", full_name=f"Người {n:02d} Giống Nhau")
    assert len(names(client, sitting, "giong nhau")) == 30


@pytest.mark.parametrize(
    ("persona", "status"), [("chair", 403), ("hanh", 403), ("wall", 403), ("outsider", 404), ("nobody", 401), ("admin", 200)]
)
def test_only_who_prepares_the_meeting_may_search(client: FlaskClient, sitting: Sitting, persona: str, status: int) -> None:
    assert search(client, persona, meeting_id=sitting.meeting).status_code == status


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"meeting_id": "x"},
        {"meeting_id": 0},
        {"meeting_id": 10**30},
        {"meeting_id": 1, "q": "a" * 81},
        {"meeting_id": 1, "all": 1},
    ],
)
def test_what_is_no_search_is_refused(client: FlaskClient, query: dict[str, object]) -> None:
    answer = search(client, "secretary", **query)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


def test_the_qr_code_of_a_seat_is_an_image_that_stands_alone(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "secretary")
    answer = client.get("/api/qr/123456")
    assert answer.mimetype == "image/svg+xml"
    assert ET.fromstring(answer.data).tag == "{http://www.w3.org/2000/svg}svg"
    assert client.get("/api/qr/12345x").status_code == 404
