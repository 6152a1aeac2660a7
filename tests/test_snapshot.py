"""Snapshot + events = truth, for every command and every persona."""

import io
from typing import Any

import meetroom.app  # noqa: F401  all nouns put their commands into the door
from meetroom import journal, snapshot
from meetroom.documents.service import remember_upload
from meetroom.door import COMMANDS
from meetroom.meetings import service as meetings
from meetroom.meetings.presence import hall_code
from meetroom.store.engine import Store
from meetroom.voting.secret import proof
from meetroom.wire import EVENTS, View
from tests.sitting import Sitting
from tests.voting.secret.voter import Board, Voter, closed

PLURAL = {  # the field of an event's view -> the list of the snapshot it belongs to
    "person": "people", "unit": "units", "meeting": "meetings", "member": "members", "item": "items", "paper": "papers",
    "receipt": "receipts", "request": "requests", "vote": "votes", "tally": "tallies", "ballot": "ballots", "point": "points",
    "display": "displays", "wall": "walls", "note": "notes", "step": "steps", "conference": "conferences",
    "recording": "recordings", "node": "nodes", "floor": "floors", "excuse": "excuses", "message": "messages",
    "nudge": "nudges", "drop": "drops",
    "paper_ballots": "paper_ballots", "rule": "rules",
    "secret": "secrets", "manifest": "manifests", "issue": "issues",
    "mark": "marks", "ink": "inks", "printout": "printouts",
}  # fmt: skip

State = dict[str, dict[int, Any]]


def state_of(shot: snapshot.Snapshot) -> State:
    return {noun: {view["id"]: view for view in views} for noun, views in shot.model_dump(mode="json", by_alias=True).items()}


def apply(state: State, name: str, body: dict[str, Any]) -> None:
    """The client's whole reducer: an event carries the changed noun, or the id of one that is gone."""
    noun = name.split(".")[0]
    view = next((field for field, info in EVENTS[name].model_fields.items() if issubclass(_model(info), View)), None)
    if view is None:
        state[PLURAL[noun]].pop(body["id"], None)
    else:
        state[PLURAL[view]][body[view]["id"]] = body[view]


def _model(info: Any) -> type:
    return info.annotation if isinstance(info.annotation, type) else int


class Watcher:
    """A persona who took a snapshot once and has lived on events since."""

    def __init__(self, sitting: Sitting, persona: str) -> None:
        self.sitting, self.persona = sitting, persona
        first = sitting.sync(persona)
        assert first.snapshot is not None
        self.state, self.revision, self.heads = state_of(first.snapshot), first.revision, dict(first.heads)

    def check(self, command: str) -> None:
        missed = self.sitting.sync(self.persona, since=self.revision)
        assert missed.snapshot is None
        for event in missed.events:
            assert event.prev == self.heads.get(event.room, 0), "each event joins on to the one before it in its room"
            self.heads[event.room] = event.seq
            for _ in range(2):  # repeats do no harm
                apply(self.state, event.name, dict(event.body))
        self.revision = missed.revision
        assert self.state == state_of(self.sitting.see(self.persona)), f"{self.persona} after {command}"


RULE = {
    "code": "x", "denominator": "present", "threshold": "1/2", "strict": True, "quorum": "1/2", "quorum_of": "present",
    "tie": "fails", "dismissal": None, "substitutes": False, "decimals": 2, "source": "Quy chế", "valid_from": "2026-01-01",
    "valid_to": None,
}  # fmt: skip
PDF = b"%PDF-1.7 told to be one"


def test_every_command(sqlite_store: Store, tmp_path: Any) -> None:
    s = Sitting(sqlite_store, tmp_path / "blobs")
    watchers = [Watcher(s, p) for p in ("secretary", "hanh", "tanlap")]
    done: set[str] = set()

    def run(persona: str, command: str, **order: Any) -> Any:
        if "meeting_id" in COMMANDS[command].order.model_fields:
            order["meeting_id"] = s.meeting
        result = s.do(persona, command, **order)
        done.add(command)
        for watcher in watchers:
            watcher.check(command)
        return result

    def member(persona: str) -> int:
        return next(m.id for m in s.see("secretary").members if m.person_id == s.people[persona])

    one = run("secretary", "item.add", title="Khai mạc", minutes=10)["id"]
    two = run("secretary", "item.add", title="Kế hoạch đầu tư công", kind="debate", minutes=45)["id"]
    three = run("secretary", "item.add", title="Giải lao", kind="break", index=1)["id"]
    sub = run("secretary", "item.add", title="Thảo luận", parent_id=two)["id"]
    run("secretary", "item.update", item_id=two, title="Kế hoạch đầu tư công năm 2027", kind="debate", minutes=50)
    run("secretary", "item.move", item_id=three, parent_id=None, index=2)
    run("secretary", "meeting.undo")
    run("secretary", "item.remove", item_id=three)
    run("secretary", "meeting.update", title="Kỳ họp thứ ba, khóa XIX", starts_at="2026-12-08T02:00:00Z")
    extra = run("secretary", "member.invite", person_id=s.people["outsider"], role="guest")["id"]
    run("secretary", "member.update", member_id=extra, role="guest", seat="E 09")
    run("secretary", "seat.code", member_id=extra)
    run("secretary", "member.remove", member_id=extra)
    third = run("secretary", "point.add", name="Xã Phú Nhuận")["id"]
    run("secretary", "point.rename", point_id=third, name="Phường Phú Nhuận")
    run("secretary", "point.remove", point_id=s.points["anhoa"])
    run("secretary", "paper.remove", paper_id=run("secretary", "paper.add", item_id=one, title="Thừa", file=upload(s, PDF))["id"])
    run("secretary", "meeting.open")
    run("secretary", "meeting.undo")
    run("secretary", "meeting.open")
    run("secretary", "meeting.withdraw_opening")
    run("secretary", "meeting.open")
    for persona in ("chair", "hanh", "bao"):
        run(persona, "member.arrive")
    run("bao", "member.leave")
    run("secretary", "member.mark", member_id=member("bao"), present=True)
    presence(s, run, member)
    messages(s, run, member, sub)
    run("secretary", "item.start", item_id=one)
    run("secretary", "item.next")
    run("secretary", "item.restore", item_id=two)
    run("secretary", "item.start", item_id=sub)
    run("secretary", "note.remove", note_id=run("secretary", "note.add", text="Đại biểu đề nghị làm rõ", item_id=sub)["id"])

    paper = papers(s, run, sub)
    internal(s, run, two, member)

    first = run("hanh", "floor.request")["id"]
    second = run("tanlap", "floor.request", kind="point_of_order")["id"]
    run("bao", "floor.request")
    run("bao", "floor.withdraw")
    added = run("secretary", "floor.add", member_id=member("bao"))["id"]
    run("chair", "floor.move", request_id=added, index=0)
    run("chair", "floor.remove", request_id=added)
    run("chair", "floor.grant", request_id=first, seconds=180)
    run("hanh", "display.present", paper_id=paper, page=1, top=2_000, left=500, zoom=220)
    run("hanh", "display.hand_over", member_id=member("bao"))
    run("chair", "floor.extend", seconds=60)
    run("secretary", "floor.set", order="groups", person_seconds=600, cut=True)
    run("chair", "floor.arrange")
    run("clock", "floor.expire", request_id=first, seconds=240)
    run("secretary", "meeting.undo")
    run("chair", "floor.grant", request_id=second)
    run("secretary", "meeting.undo")
    run("chair", "floor.grant", request_id=second)
    run("chair", "floor.end")
    run("chair", "floor.resume", request_id=second)
    run("chair", "floor.give_back", request_id=second)
    main = s.see("secretary").walls[0].id
    side = run("secretary", "wall.add", name="Màn hình trái")["id"]
    run("secretary", "wall.rename", wall_id=side, name="Màn hình cửa")
    run("secretary", "wall.show", walls={main: {"content": "blank"}, side: {"content": "message", "text": "Mời vào phòng họp"}})
    run("secretary", "meeting.undo")
    run("secretary", "wall.remove", wall_id=side)
    run("bao", "display.stop")

    run("tanlap", "point.mic", on=True)
    run("chair", "point.mute", point_id=s.points["tanlap"])
    run("chair", "point.unmute", point_id=s.points["tanlap"])
    run("chair", "point.mute_all")
    run("chair", "stage.pin", point_id=s.points["tanlap"])
    run("chair", "stage.pin", point_id=None)
    conference(s, run)

    vote = run("secretary", "vote.create", item_id=sub, title="Thông qua", rule="council.majority")["id"]
    run("secretary", "vote.update", vote_id=vote, title="Thông qua Nghị quyết", rule="present.majority", seconds=30)
    run("secretary", "vote.open", vote_id=vote)
    for persona, choice in (("hanh", "for"), ("hanh", "against"), ("bao", "for"), ("chair", "for")):
        run(persona, "vote.cast", vote_id=vote, answers=[[choice]])
    run("secretary", "vote.close", vote_id=vote)
    run("secretary", "vote.publish", vote_id=vote)
    run("secretary", "wall.show", walls={main: {"content": "vote", "vote_id": vote}})
    run("secretary", "vote.unpublish", vote_id=vote)
    run("secretary", "vote.annul", vote_id=vote, reason="Nhầm nội dung biểu quyết")
    paper_ballots(s, run, sub)
    timed = run("secretary", "vote.create", item_id=sub, title="Biểu quyết lại", rule="council.majority", seconds=10)["id"]
    run("secretary", "vote.open", vote_id=timed)
    run("chair", "vote.extend", vote_id=timed, seconds=30)
    run("clock", "vote.expire", vote_id=timed)
    run(
        "secretary",
        "vote.remove",
        vote_id=run("secretary", "vote.create", item_id=sub, title="Thừa", rule="council.majority")["id"],
    )
    secret_vote(s, run, sub)
    run("secretary", "meeting.close")
    run("secretary", "meeting.open")
    run("secretary", "meeting.clone", source_id=s.meeting, title="Kỳ họp thứ tư", starts_at="2027-06-08T01:00:00Z")

    in_meetings = {name for name, spec in COMMANDS.items() if "meeting_id" in spec.order.model_fields}
    assert in_meetings - done == set()


def messages(s: Sitting, run: Any, member: Any, item: int) -> None:
    asked = run("tanlap", "message.call", service="technician", text="Không nghe thấy")["id"]
    run("technician", "message.handle", message_id=asked, state="taken")
    run("secretary", "meeting.undo")
    run("technician", "message.handle", message_id=asked, state="done")
    run("hanh", "message.withdraw", message_id=run("hanh", "message.call", service="supplies")["id"])
    note = run("hanh", "message.send", text="Xin bản in")["id"]
    answers = [run("secretary", "message.write", text="Đã gửi", **to)["id"] for to in
               ({"member_id": member("hanh")}, {"point_id": s.points["tanlap"]})]  # fmt: skip
    run("secretary", "message.read", message_ids=[note])
    run("hanh", "message.read", message_ids=answers[:1])
    run("tanlap", "message.read", message_ids=answers[1:])
    run("hanh", "message.opine", item_id=item, text="Đề nghị làm rõ nguồn vốn")


def presence(s: Sitting, run: Any, member: Any) -> None:
    with s.store.read() as session:
        code, _ = hall_code(meetings.load(session, s.meeting), 2, s.now)
    run("chau", "member.check_in", code=code)
    run("secretary", "member.excuse", member_id=member("chau"), excused=True, reason="Đi công tác")
    run("secretary", "meeting.undo")
    run("secretary", "member.excuse", member_id=member("chau"), excused=True, reason="Ốm")
    here = {"member_ids": [member("tanlap")], "present": True}
    run("tanlap", "member.attend", **here)
    for persona in ("bao", "hanh", "chair"):  # too few, and enough again
        run("secretary", "member.mark", member_id=member(persona), present=False)
    for persona in ("bao", "hanh", "chair"):
        run("secretary", "member.mark", member_id=member(persona), present=True)
    other = run("secretary", "member.substitute", member_id=member("chau"), person_id=s.people["outsider"])["id"]
    run("chair", "member.approve", member_id=other, approved=True)


def paper_ballots(s: Sitting, run: Any, item: int) -> None:
    """A live vote with two questions, a point that drops, paper by name and as totals, and an opinion slip."""
    members = {m.person_id: m.id for m in s.see("secretary").members}
    hanh, bao, chair = (members[s.people[p]] for p in ("hanh", "bao", "chair"))
    run("secretary", "member.update", member_id=bao, role="delegate", votes=True, point_id=s.points["tanlap"])
    questions = [
        {"title": "Nguyễn Thị Hồng Hạnh", "kind": "confidence", "member_id": hanh},
        {"title": "Chọn địa điểm", "kind": "choose", "options": [{"title": "Tân Lập"}, {"title": "An Hòa"}], "most": 1},
    ]
    order = {"item_id": item, "title": "Tín nhiệm", "rule": "council.confidence", "live": True, "policy": "hand"}
    vote = run("secretary", "vote.create", questions=questions, seconds=None, **order)["id"]
    run("secretary", "vote.open", vote_id=vote)
    run("media", "point.report", point_id=s.points["tanlap"], link="lost")
    run("hanh", "vote.cast", vote_id=vote, answers=[["high"], []])
    run("hanh", "vote.cast", vote_id=vote, answers=[["low"], ["o2"]])
    run("secretary", "vote.nudge", vote_id=vote)
    run("tanlap", "vote.hand", vote_id=vote, ballots=[{"member_id": bao, "answers": [["low"], []]}], witnesses=["A", "B"])
    run("media", "point.report", point_id=s.points["tanlap"], link="good")
    totals = {"ballots": 1, "questions": [{"counts": [1, 0, 0]}, {"counts": [0, 0], "invalid": 1}]}
    added = run("secretary", "vote.add_paper", vote_id=vote, totals=totals, witnesses=["A", "B"])["id"]
    run("secretary", "vote.remove_paper", paper_ballots_id=added)
    run("secretary", "vote.close", vote_id=vote)
    named = [{"member_id": chair, "answers": [["high"], ["o1"]]}]
    late = run("secretary", "vote.add_paper", vote_id=vote, ballots=named, witnesses=["A", "B"])["id"]
    run("secretary", "vote.remove_paper", paper_ballots_id=late)
    slip = {"method": "slip", "deadline": "2026-12-20T01:00:00Z", "rule": "committee.slip"}
    asked = run("secretary", "vote.create", item_id=item, title="Phiếu lấy ý kiến", **slip)["id"]
    run("secretary", "vote.open", vote_id=asked)
    run("hanh", "vote.cast", vote_id=asked, answers=[["against"]], opinion="Đề nghị làm rõ nguồn vốn")
    run("clock", "vote.remind", vote_id=asked)
    s.do("admin", "rule.end", rule_id=1, valid_to="2030-01-01")
    run("secretary", "vote.close", vote_id=asked)


def upload(s: Sitting, content: bytes) -> str:
    sha256, size = s.blobs.put(io.BytesIO(content), 1000)
    with s.store.write() as session:
        remember_upload(session, s.people["secretary"], "to-trinh.pdf", sha256, size, s.now)
    return sha256


def papers(s: Sitting, run: Any, item: int) -> int:
    """The life of a paper, as far as its commands; the worker's own part is tested with real files."""
    files = [upload(s, PDF), upload(s, PDF + b", again")]
    page = {"image": {"sha256": "a" * 64, "width": 1600, "height": 2263, "size": 80_000}}
    manifest = {"sha256": "b" * 64, "size": 200}
    device = "00000000000000a1"
    gone = run("secretary", "paper.add", item_id=item, title="Nhầm", file=files[0])["id"]
    run("worker", "paper.refuse", paper_id=gone, version=1, reason="damaged")
    run("secretary", "paper.retry", paper_id=gone)
    paper: int = run("secretary", "paper.add", item_id=item, title="Tờ trình", number="412/TTr-UBND", file=files[0])["id"]
    run("secretary", "paper.update", paper_id=paper, title="Tờ trình về đầu tư công", number="412/TTr-UBND")
    run("worker", "paper.report_pages", paper_id=paper, version=1, page_count=2, pages=[page], done=False)
    run("worker", "paper.report_pages", paper_id=paper, version=1, page_count=2, pages=[page, page], done=True, manifest=manifest)
    run("worker", "paper.report_copy", paper_id=paper, version=1, pdf=manifest)
    run("hanh", "receipt.report", paper_id=paper, version=1, state="first_page", device=device, held="01")
    run("hanh", "receipt.report", paper_id=paper, version=1, state="opened", device=device, held="03")
    ink(run, paper, page["image"]["sha256"])
    run("secretary", "paper.withdraw", paper_id=paper)
    run("secretary", "paper.restore", paper_id=paper)
    run("secretary", "paper.replace", paper_id=paper, file=files[1])
    some = {"kind": "members"}, {"kind": "roles", "roles": ["operator"]}, {"kind": "people", "member_ids": [1]}, {"kind": "all"}
    for access in some:
        run("secretary", "paper.restrict", paper_id=paper, access=access, secrecy="open")
    run("secretary", "meeting.undo")
    run("secretary", "paper.restrict", paper_id=paper, access={"kind": "all"}, secrecy="open")
    placeholder = {"item_id": item, "title": "Phương án bảo vệ", "secrecy": "secret", "access": {"kind": "members"}}
    secret = run("secretary", "paper.add", **placeholder)["id"]
    run("secretary", "paper.restrict", paper_id=secret, access={"kind": "all"}, secrecy="top_secret")
    run("secretary", "paper.withdraw", paper_id=secret)
    run("worker", "paper.report_pages", paper_id=paper, version=2, page_count=1, pages=[page], done=True)
    return paper


def internal(s: Sitting, run: Any, item: int, member: Any) -> None:
    """An item comes and goes for people, with what hangs on it: by its own access, its place, and their role."""
    point = {"kind": "people", "member_ids": [member("tanlap")]}
    for access in ({"kind": "members"}, point, {"kind": "roles", "roles": ["guest"]}):
        run("secretary", "item.restrict", item_id=item, access=access)
    run("secretary", "meeting.undo")
    hidden = run("secretary", "item.add", title="Nội bộ", access={"kind": "members"})["id"]
    moved = run("secretary", "item.add", title="Rồi thành nội bộ")["id"]
    run("secretary", "paper.add", item_id=moved, title="Kèm theo", file=upload(s, PDF))
    run("secretary", "item.move", item_id=moved, parent_id=hidden, index=0)
    for role in ("guest", "delegate"):
        run("secretary", "member.update", member_id=member("hanh"), role=role, votes=True)
    run("secretary", "item.update", item_id=hidden, title="Họp nội bộ", kind="debate", minutes=20)
    run("secretary", "item.start", item_id=moved)
    run("secretary", "item.restrict", item_id=item, access={"kind": "all"})
    run("secretary", "item.start", item_id=item)


def secret_vote(s: Sitting, run: Any, item: int) -> None:
    """From the board's key to its count; the Box is a real one without a network."""
    members = {view.person_id: view.id for view in s.see("secretary").members}
    vote = run("secretary", "vote.create", item_id=item, title="Bỏ phiếu kín", rule="present.majority", method="secret")["id"]
    key = proof.new_key()
    s.do("box", "secret.box", key=proof.public_of(key))
    board = [members[s.people[name]] for name in ("chair", "hanh", "guest")]
    run("secretary", "secret.prepare", vote_id=vote, board=board)
    run("secretary", "vote.update", vote_id=vote, title="Miễn nhiệm", rule="present.majority", seconds=60, method="secret")
    run("secretary", "secret.prepare", vote_id=vote, board=board)
    counting = Board()
    run("hanh", "secret.set_key", vote_id=vote, key=counting.key, shares=counting.shares)
    manifest = run("secretary", "secret.issue", vote_id=vote)["text"]
    test = Voter(manifest)
    test.take(run("guest", "secret.receive", vote_id=vote, blinded=test.order(), trial=True))
    run("guest", "secret.end_trial", vote_id=vote, **test.given_back())
    voter = Voter(manifest)
    voter.take(run("bao", "secret.receive", vote_id=vote, blinded=voter.order()))
    run("secretary", "vote.open", vote_id=vote)
    fresh = Voter(manifest)
    fresh.take(run("bao", "secret.exchange", vote_id=vote, **voter.given_back(), fresh=fresh.order()))
    run("secretary", "vote.close", vote_id=vote)
    envelope = fresh.envelope([["for"]])
    closing, signature = closed(manifest, [envelope], key)
    order = {"closing": closing, "closing_signature": signature, "envelopes": [envelope.hex()]}
    run("box", "secret.returned", vote_id=vote, **order)
    ballots, invalid = counting.count(manifest, [envelope], set())
    run("hanh", "secret.count", vote_id=vote, ballots=ballots, invalid=invalid)
    run("secretary", "vote.publish", vote_id=vote)


def ink(run: Any, paper: int, image: str) -> None:
    place = {"paper_id": paper, "image": image, "page": 1, "x": 9000, "y": 5300}
    words = {**place, "kind": "note", "colour": "blue", "width": 0, "points": "", "text": "Làm rõ nguồn vốn"}
    keys = [f"00000000-0000-4000-8000-{n:012}" for n in range(2)]
    for shared in (True, False):
        marks = [{**words, "key": keys[0], "shared": shared}, {**words, "key": keys[1], "shared": not shared}]
        run("hanh", "ink.write", marks=marks, erased=[])
    run("hanh", "ink.write", marks=[], erased=keys)
    given = run("chair", "instruction.give", text="Giao Sở Tài chính giải trình", **place)["id"]
    run("chair", "instruction.withdraw", mark_id=given)
    printout = run("hanh", "printout.order", paper_id=paper, ink=True)["id"]
    run("worker", "printout.report", printout_id=printout, done=1, total=1, file="c" * 64, size=1000)
    run("worker", "printout.expire", printout_id=printout)
    run("hanh", "printout.remove", printout_id=run("hanh", "printout.order")["id"])


def conference(s: Sitting, run: Any) -> None:
    point = s.points["tanlap"]
    run("media", "point.report", point_id=point, link="good")
    run("media", "point.report", point_id=point, link="weak", quality="stills", reason="down")
    run("technician", "point.limit", point_id=point, limit="audio")
    run("secretary", "meeting.undo")
    run("technician", "point.place", point_id=point, site="huyen-1")
    run("chair", "conference.lock", locked=True)
    run("secretary", "meeting.undo")
    run("chair", "roll.call", on=True)
    run("tanlap", "roll.answer", attending=8)
    run("chair", "roll.answer", point_id=point, attending=9)
    run("chair", "roll.call", on=False)
    run("tanlap", "point.count", attending=12)
    run("chair", "roll.call", on=True)
    run("technician", "point.ingest", point_id=point)
    run("technician", "point.ingest_end", point_id=point)
    run("secretary", "conference.egress")
    run("secretary", "conference.egress_end")
    recording = run("secretary", "recording.start")["id"]
    run("secretary", "recording.stop")
    chapters = [{"at": 0, "title": "Thảo luận"}, {"at": 61.5, "title": "Giải lao"}]
    ended = {"state": "ready", "seconds": 90.5, "bytes": 3_000_000_000, "chapters": chapters}
    run("media", "recording.report", recording_id=recording, **ended)
    run("secretary", "recording.remove", recording_id=recording)
    run("secretary", "recording.start")
    run("media", "conference.report", node="hall-1")


def test_the_house(sqlite_store: Store, tmp_path: Any) -> None:
    """The administrators' stream, by the same rule."""
    s = Sitting(sqlite_store, tmp_path / "blobs")
    admin = s.actor("admin")

    def sync(since: int | None) -> snapshot.Sync:
        with s.store.read() as session:
            return snapshot.sync(session, meetings.viewer(session, admin, journal.HOUSE), journal.HOUSE, since, s.now)

    first = sync(None)
    assert first.snapshot is not None
    state = state_of(first.snapshot)
    unit = s.do("admin", "unit.create", name="Xã Tân Lập", level="commune", valid_from="2025-07-01")["id"]
    s.do("admin", "unit.change", unit_id=unit, name="Phường Tân Lập", level="commune", valid_from="2026-01-01")
    person = s.do("admin", "person.create", full_name="Lý Thị Lan", unit_id=unit, username="lan")["id"]
    s.do("admin", "person.update", person_id=person, full_name="Lý Thị Hoa Lan", username="lan")
    s.do("admin", "person.set_active", person_id=person, active=False)
    s.do("admin", "person.set_password", person_id=person, password="mat-khau-dai")
    s.do("admin", "unit.close", unit_id=unit, valid_to="2026-06-01")
    s.do("secretary", "meeting.update", meeting_id=s.meeting, title="Đổi tên", starts_at="2026-12-08T02:00:00Z")
    s.do("admin", "node.drain", node="hall-1", draining=True)
    s.do("admin", "node.drain", node="hall-2", draining=True)
    s.do("admin", "node.drain", node="hall-1", draining=False)
    rule = {**RULE, "code": "council.majority", "valid_from": "2027-01-01"}
    added = s.do("admin", "rule.add", name_vi="Quá nửa", name_en="More than half", rule=rule)["id"]
    s.do("admin", "rule.end", rule_id=added, valid_to="2028-01-01")
    for event in sync(first.revision).events:
        apply(state, event.name, dict(event.body))
    fresh = sync(None).snapshot
    assert fresh is not None and state == state_of(fresh)


def test_far_behind_gets_a_snapshot(sitting: Sitting) -> None:
    assert sitting.sync("hanh", since=0).snapshot is None
    assert sitting.sync("hanh", since=10**6).snapshot is not None
    for n in range(snapshot.REPLAY_LIMIT):
        sitting.secretary("point.rename", point_id=sitting.points["tanlap"], name=f"Xã {n}")
    assert sitting.sync("hanh", since=0).snapshot is not None


def test_what_is_secret_is_empty(sitting: Sitting) -> None:
    sitting.opened()
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    sitting.secretary("vote.close", vote_id=vote)
    hanh, bao, secretary = (sitting.see(p) for p in ("hanh", "bao", "secretary"))
    assert [ballot.answers for ballot in hanh.ballots] == [(("for",),)] and bao.ballots == () == secretary.ballots
    assert hanh.tallies == () and secretary.tallies[0].results[0].counts == (1, 0, 0)
    assert hanh.votes[0].results is None is secretary.votes[0].results
    assert (hanh.receipts, hanh.notes, hanh.steps, hanh.rules, hanh.people) == ((), (), (), (), ())
