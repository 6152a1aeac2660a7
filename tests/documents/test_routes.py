import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meetroom.app import create_app
from meetroom.documents.schema import ImageView, PageView
from meetroom.http import COOKIE, House
from meetroom.people import sessions
from tests.documents.bringing import add
from tests.sitting import Sitting

LIMIT = 1_000_000
FILE = b"%PDF-1.7 " + bytes(5000)
WEBP = b"RIFF\x00\x00\x00\x00WEBP a page"


class Browser:
    """A persona's browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def upload(self, meeting: int | str, body: Any = FILE, filename: str = "Tờ trình 412.pdf", **more: Any) -> TestResponse:
        headers = {"X-Filename": quote(filename), "Content-Type": "application/octet-stream"}
        return self.client.post(f"/api/uploads?meeting_id={meeting}", data=body, headers=headers, **more)

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.client.get(address, headers=headers)


class Browsers:
    def __init__(self, s: Sitting, tmp_path: Path) -> None:
        self.s = s
        house = House(s.store, s.door, s.blobs, sessions.actor, tmp_path, "https://hop.local", upload_bytes=LIMIT)
        self.house, self.app = house, create_app(house)

    def of(self, persona: str | None, seat_of: int | None = None) -> Browser:
        client = self.app.test_client()
        if persona is not None:
            with self.s.store.write() as session:
                start = {"now": datetime.now(UTC), "hours": 1, "device": "test", "meeting_id": seat_of}
                token, _ = sessions.begin(session, self.s.people[persona], **start)  # type: ignore[arg-type]
            client.set_cookie(COOKIE, token)
        return Browser(client)


@pytest.fixture
def browsers(sitting: Sitting, tmp_path: Path) -> Iterator[Browsers]:
    yield Browsers(sitting, tmp_path)


def code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def stored(s: Sitting) -> list[Path]:
    return [path for path in s.blobs.root.rglob("*") if path.is_file()]


def page_of(s: Sitting, paper: int, image: bytes = WEBP) -> str:
    """The paper gets a page; returns the address of its image."""
    sha256, size = s.blobs.put(io.BytesIO(image), LIMIT)
    view = PageView(image=ImageView(sha256=sha256, width=1600, height=2263, size=size))
    order = {"paper_id": paper, "version": 1, "page_count": 1, "pages": [view], "done": True}
    s.do("worker", "paper.report_pages", meeting_id=s.meeting, **order)
    return f"/b/{sha256}"


def test_a_secretary_brings_a_file_and_makes_it_a_paper(sitting: Sitting, browsers: Browsers) -> None:
    answer = browsers.of("secretary").upload(sitting.meeting)
    sha256 = hashlib.sha256(FILE).hexdigest()
    assert answer.status_code == 200
    assert answer.get_json() == {"ok": True, "result": {"sha256": sha256, "size": len(FILE), "filename": "Tờ trình 412.pdf"}}
    item = sitting.secretary("item.add", title="Kế hoạch")["id"]
    assert sitting.secretary("paper.add", item_id=item, title="Tờ trình", file=sha256)["size"] == len(FILE)


@pytest.mark.parametrize(
    ("persona", "expected"),
    [(None, (401, "login")), ("hanh", (403, "forbidden")), ("technician", (403, "forbidden")), ("outsider", (404, "not_found")),
     ("admin", None)],
)  # fmt: skip
def test_who_may_bring_files(sitting: Sitting, browsers: Browsers, persona: str | None, expected: Any) -> None:
    answer = browsers.of(persona).upload(sitting.meeting)
    assert (answer.status_code == 200) if expected is None else (code(answer) == expected and stored(sitting) == [])


@pytest.mark.parametrize("meeting", ["999999", "0", "-1", "x", "", str(2**70), "1&more=1"])
def test_a_meeting_that_is_none_takes_no_files(sitting: Sitting, browsers: Browsers, meeting: str) -> None:
    assert code(browsers.of("admin").upload(meeting)) in ((404, "not_found"), (422, "invalid"))
    assert stored(sitting) == []


def test_what_is_no_paper_is_refused_at_once(sitting: Sitting, browsers: Browsers) -> None:
    for body in (b"", b"MZ\x90\0 a program", b"<html>", b"MZ" + bytes(3000) + b"%PDF-"):
        assert code(browsers.of("secretary").upload(sitting.meeting, body)) == (415, "not_a_paper")
    assert stored(sitting) == []


def test_a_file_over_the_limit_is_refused(sitting: Sitting, browsers: Browsers) -> None:
    answer = browsers.of("secretary").upload(sitting.meeting, b"%PDF-" + bytes(LIMIT))
    assert code(answer) == (413, "too_large") and answer.get_json()["error"]["detail"] == {"limit": LIMIT}
    assert stored(sitting) == []
    assert browsers.of("secretary").upload(sitting.meeting, b"%PDF-" + bytes(LIMIT - 5)).status_code == 200


def test_a_file_cut_off_on_its_way_leaves_nothing(sitting: Sitting, browsers: Browsers) -> None:
    longer = {"CONTENT_LENGTH": str(len(FILE) + 1000)}
    assert code(browsers.of("secretary").upload(sitting.meeting, environ_overrides=longer)) == (400, "invalid")
    assert stored(sitting) == []


def test_a_page_is_for_those_who_see_the_meeting(sitting: Sitting, browsers: Browsers) -> None:
    address = page_of(sitting, add(sitting))
    for persona in ("secretary", "hanh", "tanlap", "guest", "wall", "technician", "admin"):
        answer = browsers.of(persona).get(address)
        assert (answer.status_code, answer.data, answer.content_type) == (200, WEBP, "image/webp"), persona
    assert code(browsers.of(None).get(address)) == (401, "login")
    assert code(browsers.of("outsider").get(address)) == (404, "not_found")


def test_a_page_is_kept_by_the_tablet_for_its_person_only(sitting: Sitting, browsers: Browsers) -> None:
    address = page_of(sitting, add(sitting))
    answer = browsers.of("hanh").get(address)
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable" and answer.headers["Vary"] == "Cookie"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["ETag"] == f'"{address[3:]}"'
    again = browsers.of("hanh").get(address, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert code(browsers.of("outsider").get(address, **{"If-None-Match": answer.headers["ETag"]})) == (404, "not_found")


def test_a_withdrawn_page_is_refused_at_once(sitting: Sitting, browsers: Browsers) -> None:
    paper = add(sitting)
    address, hanh = page_of(sitting, paper), browsers.of("hanh")
    assert hanh.get(address).status_code == 200
    sitting.secretary("paper.withdraw", paper_id=paper)
    assert code(hanh.get(address)) == (404, "not_found")
    again = page_of(sitting, add(sitting, title="Bản khác"))  # the same page in a paper that may be read
    assert again == address and hanh.get(address).status_code == 200


def test_a_page_of_another_meeting_is_not_found(sitting: Sitting, browsers: Browsers) -> None:
    s, mine = sitting, sitting.meeting
    s.meeting = s.do("admin", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
    s.do("admin", "member.invite", meeting_id=s.meeting, person_id=s.people["secretary"], role="secretary")
    address = page_of(s, add(s))
    assert code(browsers.of("hanh").get(address)) == (404, "not_found")
    assert code(browsers.of("secretary", seat_of=mine).get(address)) == (404, "not_found")  # a tablet paired to a seat elsewhere
    assert browsers.of("secretary").get(address).status_code == 200


def test_a_hash_opens_only_pages(sitting: Sitting, browsers: Browsers) -> None:
    add(sitting, FILE)
    original = hashlib.sha256(FILE).hexdigest()
    assert sitting.blobs.exists(original)
    for name in (original, "0" * 64, "..", "%2e%2e%2fmeetroom.sqlite", "x" * 9000):
        assert code(browsers.of("admin").get(f"/b/{name}")) == (404, "not_found"), name


def test_the_original_is_a_download_for_those_who_prepare(sitting: Sitting, browsers: Browsers) -> None:
    paper = add(sitting, FILE)
    address = f"/api/meetings/{sitting.meeting}/papers/{paper}/original"
    answer = browsers.of("secretary").get(address)
    assert (answer.status_code, answer.data, answer.content_type) == (200, FILE, "application/octet-stream")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and quote("Tờ trình.pdf") in disposition
    assert code(browsers.of("hanh").get(address)) == (403, "forbidden")
    assert code(browsers.of("outsider").get(address)) == (404, "not_found")
    assert code(browsers.of(None).get(address)) == (401, "login")
    other = sitting.do("secretary", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
    assert code(browsers.of("secretary").get(f"/api/meetings/{other}/papers/{paper}/original")) == (404, "not_found")


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"II*\0", bytes.fromhex("d0cf11e0a1b11ae1")])
def test_pictures_and_office_files_are_papers_whatever_they_are_called(sitting: Sitting, browsers: Browsers, head: bytes) -> None:
    assert browsers.of("secretary").upload(sitting.meeting, head + b" any").status_code == 200


def test_a_clean_copy_is_for_whoever_may_read_the_paper(sitting: Sitting, browsers: Browsers) -> None:
    s, paper = sitting, add(sitting)
    address = f"/api/meetings/{s.meeting}/papers/{paper}/copy"
    assert code(browsers.of("hanh").get(address)) == (404, "not_found")  # not made yet
    sha256, size = s.blobs.put(io.BytesIO(b"%PDF-1.7 clean"), LIMIT)
    s.do("worker", "paper.report_copy", meeting_id=s.meeting, paper_id=paper, version=1, pdf={"sha256": sha256, "size": size})
    # Where pages bear their reader's name, only who prepares the meeting gets pages without one.
    assert code(browsers.of("hanh").get(address)) == (403, "forbidden")
    assert browsers.of("secretary").get(address).status_code == 200
    meeting = {"title": "Kỳ họp", "starts_at": "2026-12-08T01:00:00Z"}
    s.secretary("meeting.update", **meeting, watermark="prints")
    assert code(browsers.of("hanh").get(address)) == (403, "forbidden")
    s.secretary("meeting.update", **meeting, watermark="none")
    answer = browsers.of("hanh").get(address)
    assert (answer.data, answer.content_type) == (b"%PDF-1.7 clean", "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert browsers.of("guest").get(address).status_code == 200
    assert code(browsers.of(None).get(address)) == (401, "login")
    assert code(browsers.of("outsider").get(address)) == (404, "not_found")
    s.secretary("paper.restrict", paper_id=paper, access={"kind": "members"}, secrecy="open")
    assert code(browsers.of("guest").get(address)) == (404, "not_found")
    assert code(browsers.of("hanh").get(address)) == (403, "forbidden")  # what only some may read bears names anywhere
    s.secretary("paper.withdraw", paper_id=paper)
    assert code(browsers.of("hanh").get(address)) == (404, "not_found")
