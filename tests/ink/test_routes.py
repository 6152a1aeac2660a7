"""The one route of private ink, and printouts over HTTP: each gives its owner's things to its owner."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from meetroom.access import Actor
from meetroom.app import create_app
from meetroom.documents.service import remember_upload
from meetroom.http import COOKIE, House
from tests.sitting import PEOPLE, Sitting

IMAGE = "a" * 64


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    """A browser whose cookie names the persona; "seat": a shared tablet at Châu's seat."""

    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        if cookie == "seat":
            return Actor(sitting.people["chau"], seat_of=sitting.meeting)
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs, "recordings": tmp_path}
    house = House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")  # type: ignore[arg-type]
    return create_app(house).test_client()


def get(client: FlaskClient, persona: str, path: str) -> Any:
    client.set_cookie(COOKIE, persona)
    return client.get(path)


@pytest.fixture
def paper(sitting: Sitting) -> int:
    """A paper of one page, with a note of Châu's."""
    sitting.opened()
    sha256, size = sitting.blobs.put(io.BytesIO(b"%PDF-1.7 told to be one"), 1000)
    with sitting.store.write() as session:
        remember_upload(session, sitting.people["secretary"], "to-trinh.pdf", sha256, size, sitting.now)
    paper: int = sitting.secretary("paper.add", item_id=sitting.item(), title="Tờ trình", file=sha256)["id"]
    pages = [{"image": {"sha256": IMAGE, "width": 1600, "height": 2263, "size": 80_000}}]
    sitting.worker("paper.report_pages", paper_id=paper, version=1, page_count=1, pages=pages, done=True)
    note = {"key": "00000000-0000-4000-8000-000000000001", "kind": "note", "paper_id": paper, "image": IMAGE, "page": 1}
    rest = {"colour": "blue", "width": 0, "points": "", "x": 1, "y": 1, "text": "Hỏi nguồn vốn", "shared": False}
    sitting.chau("ink.write", marks=[{**note, **rest}], erased=[])
    return paper


def test_ink_goes_to_its_owner(client: FlaskClient, sitting: Sitting, paper: int) -> None:
    path = f"/api/meetings/{sitting.meeting}/ink"
    (mark,) = get(client, "chau", path).json["result"]["marks"]
    assert mark["text"] == "Hỏi nguồn vốn"
    assert get(client, "chau", f"{path}?since=1").json["result"] == {"marks": [], "revision": 1, "more": False}
    for other in ("hanh", "chair", "secretary"):
        assert get(client, other, path).json["result"]["marks"] == []
    for stranger, code in (("outsider", "not_found"), ("admin", "forbidden"), ("wall", "forbidden"), ("nobody", "login")):
        assert get(client, stranger, path).json["error"]["code"] == code
    for bad in ("-1", "x", "1&member_id=1"):
        assert get(client, "chau", f"{path}?since={bad}").status_code == 422


def test_a_printout_goes_to_its_owner_and_not_onto_a_shared_tablet(client: FlaskClient, sitting: Sitting, paper: int) -> None:
    ordered = sitting.chau("printout.order", paper_id=paper)["id"]
    path = f"/api/meetings/{sitting.meeting}/printouts/{ordered}"
    assert get(client, "chau", path).json["error"]["code"] == "not_found"  # not made yet
    sha256, size = sitting.blobs.put(io.BytesIO(b"%PDF-1.7 printed"), 1000)
    sitting.worker("printout.report", printout_id=ordered, done=1, total=1, file=sha256, size=size)
    whole = get(client, "chau", path)
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "application/pdf", b"%PDF-1.7 printed")
    assert whole.headers["Content-Disposition"].startswith("attachment")
    for other in ("hanh", "secretary", "outsider"):
        assert get(client, other, path).json["error"]["code"] == "not_found"
    assert get(client, "seat", path).json["error"]["code"] == "forbidden"
    assert get(client, "chau", f"/b/{sha256}").json["error"]["code"] == "not_found"
