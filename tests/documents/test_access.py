"""Who may not read a paper is denied it on every way, over HTTP and over the socket; who may, on none."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from meetroom import journal
from meetroom.documents.readers import blob_kind
from meetroom.documents.schema import PageView
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from signaling.sessions import Sockets
from tests.documents.bringing import DEVICE, add, bring, report
from tests.documents.test_routes import Browser, Browsers
from tests.sitting import Sitting

TITLE, SECRET_ITEM = "Phương án nhân sự", "Công tác cán bộ"


def image(letter: str, **more: int) -> dict[str, Any]:
    return {"sha256": letter * 64, "size": 1000, "width": 1600, "height": 2263, **more}


TILES = {"columns": 1, "rows": 1, "edge": 1024, "width": 900, "height": 900, "images": [{"sha256": "c" * 64, "size": 9}]}
PAGE = PageView.model_validate(
    {"image": image("a"), "large": image("b", width=2560, height=3620), "tiles": TILES, "text": {"sha256": "d" * 64, "size": 9}}
).model_dump()
WORDS = zlib.compress(json.dumps({"lines": [{"words": [[0, 90, word] for word in TITLE.split()]}]}).encode())


@dataclass
class Case:
    """How the paper is closed, and who may read it all the same (besides secretaries and technicians)."""

    readers: set[str]
    paper: dict[str, Any] = field(default_factory=lambda: {"kind": "all"})
    item: dict[str, Any] = field(default_factory=lambda: {"kind": "all"})


CASES = {
    "members only": Case({"chair", "hanh", "bao", "chau"}, paper={"kind": "members"}),
    "named persons": Case({"hanh"}, paper={"kind": "people", "member_ids": ["hanh"]}),
    "a role": Case({"tanlap", "anhoa"}, paper={"kind": "roles", "roles": ["operator"]}),
    "an internal item": Case({"chair", "hanh", "bao", "chau"}, item={"kind": "members"}),
    "item and paper": Case({"chau"}, paper={"kind": "people", "member_ids": ["chau", "guest"]}, item={"kind": "members"}),
    "nobody": Case(set(), paper={"kind": "people"}),
}
EVERYBODY = ("chair", "hanh", "bao", "chau", "tanlap", "anhoa", "wall", "guest")
ALWAYS = ("secretary", "technician", "admin")


class Closed:
    """A sitting with one closed paper below one item, and whether somebody gets at it."""

    def __init__(self, s: Sitting, tmp_path: Path, case: Case, *, later: bool) -> None:
        """`later`: it was open to everybody first."""
        self.s, self.browsers = s, Browsers(s, tmp_path)
        self.open: dict[str, Browser] = {}
        self.item = s.secretary("item.add", title=SECRET_ITEM, access={"kind": "all"} if later else self.access(case.item))["id"]
        start = {"item_id": self.item, "title": TITLE, "file": bring(s, b"%PDF-1.7 closed")}
        self.since = s.sync("secretary").revision if not later else 0
        order = {**start, "access": {"kind": "all"} if later else self.access(case.paper)}
        self.paper: int = s.secretary("paper.add", **order)["id"]
        report(s, self.paper, 1, 1, made=[PAGE], texts=(TITLE,))
        if later:
            s.secretary("paper.restrict", paper_id=self.paper, access=self.access(case.paper), secrecy="open")
            s.secretary("item.restrict", item_id=self.item, access=self.access(case.item))
            self.since = s.sync("secretary").revision
        s.secretary("meeting.open")
        s.secretary("paper.update", paper_id=self.paper, title=TITLE, number="1")
        for name in ("a", "b", "c", "d"):
            (s.blobs.root / (name * 2)).mkdir(exist_ok=True)
            s.blobs.path(name * 64).write_bytes(WORDS if name == "d" else b"RIFF....WEBP")
        self.manifest = next(view.manifest for view in s.see("secretary").papers if view.id == self.paper)

    def of(self, who: str) -> Browser:
        if who not in self.open:
            self.open[who] = self.browsers.of(who)
        return self.open[who]

    def access(self, access: dict[str, Any]) -> dict[str, Any]:
        ids = {view.person_id: view.id for view in self.s.see("secretary").members}
        return {**access, "member_ids": [ids[self.s.people[name]] for name in access.get("member_ids", ())]}


def snapshot(c: Closed, who: str) -> bool:
    return TITLE in c.s.see(who).model_dump_json()


def replay(c: Closed, who: str) -> bool:
    """What an earlier visit missed, from the very beginning."""
    answer = c.s.sync(who, since=0)
    return TITLE in answer.model_dump_json()


def live(c: Closed, who: str) -> bool:
    """What reaches a socket that was there when it was told."""
    with c.s.store.read() as session:
        rooms = meetings.viewer(session, c.s.actor(who), c.s.meeting).rooms()
        entries = journal.replay(session, c.s.meeting, c.since, rooms)
    return any(TITLE in entry.body for entry in entries)


def over_socket(c: Closed, who: str) -> bool:
    """What the socket's `sync` answers, through the web process's own sockets."""
    sockets = Sockets(c.browsers.house)
    client = c.of(who).client
    cookie = client.get_cookie("meetroom")
    assert cookie is not None
    socket = sockets.connect("sid", cookie.value)
    assert socket is not None
    return TITLE in sockets.sync(socket, c.s.meeting, None, lambda room: None).model_dump_json()


def over_http(c: Closed, who: str) -> bool:
    answer = c.of(who).get(f"/api/sync/{c.s.meeting}")
    return TITLE in json.dumps(answer.get_json(), ensure_ascii=False)


def searched(c: Closed, who: str) -> bool:
    found: dict[str, Any] = c.of(who).get(f"/api/meetings/{c.s.meeting}/search?q=nhan+su").get_json()
    return bool(found["result"]["pages"])


def blob(sha256: str | None) -> Callable[[Closed, str], bool]:
    def get(c: Closed, who: str) -> bool:
        name = sha256 or c.manifest
        assert name is not None
        answer = c.of(who).get(f"/b/{name}")
        with c.s.store.read() as session:
            try:
                blob_kind(session, c.s.actor(who), name)
                allowed = True
            except Refusal as no:
                assert no.code == "not_found"
                allowed = False
        assert answer.status_code == (200 if allowed else 404)
        return allowed

    return get


def receipt(c: Closed, who: str) -> bool | None:
    if who in ("wall", *ALWAYS):
        return None  # they have no receipts
    return done(lambda: getattr(c.s, who)("receipt.report", paper_id=c.paper, device=DEVICE, version=1, state="announced"))


def present(c: Closed, who: str) -> bool | None:
    """Only for those who may present at all."""
    if who not in ("chair", "secretary"):
        return None
    return done(lambda: getattr(c.s, who)("display.present", paper_id=c.paper, page=1))


def done(act: Callable[[], Any]) -> bool:
    try:
        act()
    except Refusal as no:
        assert no.code == "not_found"
        return False
    return True


WAYS: dict[str, Callable[[Closed, str], bool | None]] = {
    "snapshot": snapshot, "replay": replay, "live events": live, "socket": over_socket, "http": over_http,
    "search": searched,
    "image": blob("a" * 64), "large image": blob("b" * 64), "tile": blob("c" * 64), "text": blob("d" * 64),
    "manifest": blob(None), "receipt": receipt, "present": present,
}  # fmt: skip


LATER = [("members only", True), ("item and paper", True)]


@pytest.mark.parametrize(("name", "later"), [*((name, False) for name in CASES), *LATER])
def test_a_closed_paper_is_denied_everywhere(sitting: Sitting, tmp_path: Path, name: str, later: bool) -> None:
    case = CASES[name]
    closed = Closed(sitting, tmp_path, case, later=later)
    for who in (*EVERYBODY, *ALWAYS):
        may = who in case.readers or who in ALWAYS
        for way, tried in WAYS.items():
            assert tried(closed, who) in (may, None), f"{who} by {way}"
        if case.item["kind"] != "all" and case.paper["kind"] == "all":
            assert (SECRET_ITEM in sitting.see(who).model_dump_json()) == may
    original = f"/api/meetings/{sitting.meeting}/papers/{closed.paper}/original"
    for who in (*EVERYBODY, "technician", "outsider"):
        assert closed.of(who).get(original).status_code in (403, 404), who


def test_who_gets_a_right_sees_the_paper_at_once_and_who_loses_it_loses_it(sitting: Sitting, tmp_path: Path) -> None:
    s = sitting
    closed = Closed(s, tmp_path, CASES["members only"], later=False)
    guest = next(member.id for member in s.see("secretary").members if member.person_id == s.people["guest"])
    before = len(s.published)
    s.secretary("member.update", member_id=guest, role="delegate")
    s.secretary("member.update", member_id=guest, role="guest")
    told = [(entry.name, entry.room) for entry in s.published[before:] if entry.room == f"person:{s.people['guest']}"]
    assert told == [("paper.shown", told[0][1]), ("paper.hidden", told[0][1])]
    assert not blob("a" * 64)(closed, "guest")


def test_a_state_secret_is_a_placeholder_and_takes_no_file(sitting: Sitting) -> None:
    s = sitting
    item = s.secretary("item.add", title="Quốc phòng, an ninh")["id"]
    secret = {"item_id": item, "title": "Phương án tác chiến", "secrecy": "top_secret"}
    file = bring(s, b"%PDF-1.7 secret")
    codes = []
    for command, order in (
        ("paper.add", {**secret, "file": file}),
        ("paper.add", {"item_id": item, "title": "Không có tệp"}),
    ):
        with pytest.raises(Refusal) as no:
            s.secretary(command, **order)
        codes.append(no.value.code)
    placeholder = s.secretary("paper.add", **secret)
    assert (placeholder["state"], placeholder["version"], placeholder["secrecy"]) == ("on_paper", 0, "top_secret")
    ordinary = add(s)
    for command, order in (
        ("paper.replace", {"paper_id": placeholder["id"], "file": file}),
        ("paper.restrict", {"paper_id": ordinary, "access": {"kind": "all"}, "secrecy": "secret"}),
        ("paper.restrict", {"paper_id": placeholder["id"], "access": {"kind": "all"}, "secrecy": "open"}),
        ("paper.retry", {"paper_id": placeholder["id"]}),
    ):
        with pytest.raises(Refusal) as no:
            s.secretary(command, **order)
        codes.append(no.value.code)
    assert codes == ["state_secret", "no_such_upload", "state_secret", "state_secret", "wrong_state", "wrong_state"]


def test_numbers_have_no_gap_where_an_item_is_internal(sitting: Sitting) -> None:
    s = sitting
    for title, access in (("Một", "all"), ("Kín", "members"), ("Hai", "all"), ("Kín nữa", "members")):
        s.secretary("item.add", title=title, access={"kind": access})
    assert [(item.number, item.title) for item in s.see("guest").items] == [("1", "Một"), ("2", "Hai")]
    assert [item.number for item in s.see("hanh").items] == ["1", "A", "2", "B"]
