"""Who is there: the roll call in every way, leave of absence, substitutes and the quorum while the sitting goes on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meetroom.app import create_app
from meetroom.errors import Refusal
from meetroom.http import COOKIE, House
from meetroom.meetings import rules
from meetroom.meetings import service as meetings
from meetroom.meetings.presence import hall_code
from meetroom.meetings.schema import MeetingView, MemberView
from meetroom.store.engine import Store
from tests.sitting import PEOPLE, Sitting


def member(sitting: Sitting, persona: str) -> MemberView:
    return next(m for m in sitting.see("secretary").members if m.person_id == sitting.people[persona])


def meeting(sitting: Sitting) -> MeetingView:
    return sitting.see("secretary").meetings[0]


def voters(sitting: Sitting) -> dict[str, bool]:
    """Who has a vote, and whether they are there, by name."""
    with sitting.store.read() as session:
        return {m.full_name: m.present for m in meetings.voters(session, sitting.meeting)}


def code(sitting: Sitting, minutes: int = 2) -> str:
    with sitting.store.read() as session:
        return hall_code(meetings.load(session, sitting.meeting), minutes, sitting.now)[0]


def test_the_code_of_the_hall_checks_in_while_it_is_fresh(sitting: Sitting) -> None:
    fresh = code(sitting)
    sitting.hanh("member.check_in", code=fresh)
    assert member(sitting, "hanh").present
    sitting.pass_time(seconds=121)
    with pytest.raises(Refusal, match="bad_hall_code"):
        sitting.bao("member.check_in", code=fresh)
    sitting.bao("member.check_in", code=code(sitting, 24 * 60))


def test_a_code_that_is_forged_or_of_another_meeting_is_refused(sitting: Sitting) -> None:
    id, expires, signature = code(sitting).split(".")
    other = sitting.do("secretary", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
    with sitting.store.read() as session:
        foreign = hall_code(meetings.load(session, other), 2, sitting.now)[0]
    signatures = (signature[::-1], "0" * 24)
    forged = [f"{id}.{expires}.{other}" for other in signatures] + [f"{id}.{int(expires) + 60}.{signature}", foreign]
    for one in [*forged, f"{id}.999999999999.{signature}"]:
        with pytest.raises(Refusal, match="bad_hall_code"):
            sitting.hanh("member.check_in", code=one)
    assert not member(sitting, "hanh").present


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts: dict[str, Any] = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    return create_app(House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")).test_client()


@pytest.mark.parametrize(
    ("persona", "minutes", "status"),
    [
        ("secretary", 2, 200), ("secretary", 1440, 200), ("wall", 2, 200), ("wall", 1440, 403), ("hanh", 2, 403),
        ("tanlap", 2, 403), ("outsider", 2, 404), ("nobody", 2, 401), ("secretary", 1441, 422), ("secretary", 0, 422),
    ],
)  # fmt: skip
def test_who_is_given_the_code(client: FlaskClient, sitting: Sitting, persona: str, minutes: int, status: int) -> None:
    client.set_cookie(COOKIE, persona)
    answer = client.get(f"/api/meetings/{sitting.meeting}/hall-code", query_string={"minutes": minutes})
    assert answer.status_code == status
    if status == 200:
        shown = answer.json["result"]
        assert shown["svg"].startswith("<?xml") and "<svg" in shown["svg"]
        sitting.now = datetime.now(UTC)
        sitting.hanh("member.check_in", code=shown["code"])
        ends = datetime.fromisoformat(shown["expires_at"])
        assert timedelta(0) < ends - sitting.now <= timedelta(minutes=minutes)


def test_an_operator_calls_the_roll_of_the_hall(sitting: Sitting) -> None:
    for persona in ("chau", "guest"):
        role = "delegate" if persona == "chau" else "guest"
        order = {"role": role, "votes": persona == "chau", "point_id": sitting.points["tanlap"]}
        sitting.secretary("member.update", member_id=member(sitting, persona).id, **order)
    both = [member(sitting, persona).id for persona in ("chau", "guest")]
    order = {"member_ids": both, "present": True, "op_id": "outbox-of-tan-lap-7"}
    sitting.tanlap("member.attend", **order)
    sitting.tanlap("member.attend", **order)  # the line was cut before the answer came
    assert len(sitting.told("member.changed")) and all(member(sitting, p).present for p in ("chau", "guest"))
    sitting.tanlap("member.attend", member_ids=both[1:], present=False)
    assert member(sitting, "guest").left_at == sitting.now
    for ids in ([member(sitting, "hanh").id], [both[0], member(sitting, "anhoa").id]):
        with pytest.raises(Refusal, match="forbidden"):
            sitting.tanlap("member.attend", member_ids=ids, present=False)
    assert member(sitting, "chau").present, "all or none"
    with pytest.raises(Refusal, match="not_found"):
        sitting.tanlap("member.attend", member_ids=[999_999], present=True)


def test_leave_of_absence(sitting: Sitting) -> None:
    sitting.hanh("member.arrive")
    sitting.secretary("member.excuse", member_id=member(sitting, "hanh").id, excused=True, reason="Ốm")
    assert (member(sitting, "hanh").present, member(sitting, "hanh").excused) == (False, True)
    assert [one.reason for one in sitting.see("secretary").excuses] == ["Ốm"]
    assert sitting.see("bao").excuses == () == sitting.see("hanh").excuses
    assert "Ốm" not in repr([e.body for e in sitting.published if e.room == "meeting"]), "the reason is not everybody's"
    sitting.hanh("member.arrive")
    assert (member(sitting, "hanh").excused, sitting.see("secretary").excuses) == (False, ())


def test_too_few_in_the_middle_of_the_sitting(sitting: Sitting) -> None:
    sitting.opened()
    assert meeting(sitting).quorum_lost_at is None
    sitting.hanh("member.leave")
    assert meeting(sitting).quorum_lost_at is None  # 3 of 4, two thirds are 3
    sitting.pass_time(minutes=5)
    sitting.bao("member.leave")
    lost = sitting.now
    assert meeting(sitting).quorum_lost_at == lost
    sitting.pass_time(minutes=5)
    sitting.chau("member.leave")
    assert meeting(sitting).quorum_lost_at == lost
    told = len(sitting.told("meeting.changed"))
    sitting.hanh("member.arrive")
    sitting.bao("member.arrive")
    assert meeting(sitting).quorum_lost_at is None and len(sitting.told("meeting.changed")) == told + 1


def test_an_opening_without_quorum_is_seen(sitting: Sitting) -> None:
    sitting.secretary("meeting.open")
    assert meeting(sitting).quorum_lost_at == sitting.now
    sitting.secretary("meeting.undo")
    assert meeting(sitting).quorum_lost_at is None


def substitute(sitting: Sitting, *, kind: str, approved: bool = True) -> int:
    """The guest's place is taken by nobody; outsider sits in for hanh in a meeting of that kind."""
    if kind == "conference":
        sitting.meeting = sitting.do(
            "secretary", "meeting.create", title="Hội nghị giao ban", kind=kind, starts_at=sitting.now.isoformat()
        )["id"]
        for persona in ("chair", "hanh", "bao"):
            role = "chair" if persona == "chair" else "delegate"
            sitting.secretary("member.invite", person_id=sitting.people[persona], role=role, votes=True)
    order = {"member_id": member(sitting, "hanh").id, "person_id": sitting.people["outsider"]}
    id: int = sitting.secretary("member.substitute", **order)["id"]
    if approved:
        sitting.chair("member.approve", member_id=id, approved=True)
    return id


OUTSIDER, HANH = "Người Ngoài Cuộc", "Nguyễn Thị Hồng Hạnh"


def test_a_substitute_in_a_council_attends_without_voting(sitting: Sitting) -> None:
    id = substitute(sitting, kind="council")
    sitting.outsider("member.arrive")
    assert member(sitting, "outsider").substitute_of == member(sitting, "hanh").id
    assert voters(sitting).keys() == {"Nguyễn Văn Thái", HANH, "Trần Quốc Bảo", "Lê Thị Minh Châu"}
    with pytest.raises(Refusal, match="substitute_vote"):
        sitting.secretary("member.update", member_id=id, role="delegate", votes=True)
    order = {"title": "Kỳ họp", "starts_at": sitting.now.isoformat(), "substitutes": "votes"}
    with pytest.raises(Refusal, match="statutory"):
        sitting.secretary("meeting.update", **order)


def test_elsewhere_the_vote_goes_to_who_is_there(sitting: Sitting) -> None:
    id = substitute(sitting, kind="conference", approved=False)
    with pytest.raises(Refusal, match="not_approved"):
        sitting.outsider("member.arrive")
    assert OUTSIDER not in voters(sitting)
    sitting.chair("member.approve", member_id=id, approved=True)
    sitting.outsider("member.arrive")
    assert voters(sitting) == {"Nguyễn Văn Thái": False, "Trần Quốc Bảo": False, OUTSIDER: True}
    sitting.hanh("member.arrive")
    assert voters(sitting)[HANH] and OUTSIDER not in voters(sitting), "who comes after all has their own vote"
    sitting.hanh("member.leave")
    assert OUTSIDER in voters(sitting)
    sitting.secretary("meeting.update", title="Hội nghị", starts_at=sitting.now.isoformat(), substitutes="attends")
    assert HANH in voters(sitting) and OUTSIDER not in voters(sitting)
    sitting.secretary("meeting.update", title="Hội nghị", starts_at=sitting.now.isoformat(), substitutes="votes")
    sitting.secretary("member.approve", member_id=id, approved=False)
    assert HANH in voters(sitting) and not member(sitting, "outsider").present
    sitting.secretary("meeting.undo")
    assert OUTSIDER in voters(sitting)


def test_one_substitute_for_a_place_and_none_where_there_are_none(sitting: Sitting) -> None:
    id = substitute(sitting, kind="council")
    hanh = member(sitting, "hanh").id
    with pytest.raises(Refusal, match="already_member"):
        sitting.secretary("member.substitute", member_id=hanh, person_id=sitting.people["admin"])
    with pytest.raises(Refusal, match="already_member"):
        sitting.secretary("member.substitute", member_id=member(sitting, "bao").id, person_id=sitting.people["chau"])
    with pytest.raises(Refusal, match="no_substitutes"):
        sitting.secretary("member.substitute", member_id=id, person_id=sitting.people["admin"])
    with pytest.raises(Refusal, match="member_in_use"):
        sitting.secretary("member.remove", member_id=hanh)
    sitting.secretary("member.remove", member_id=id)
    sitting.secretary("meeting.update", title="Kỳ họp", starts_at=sitting.now.isoformat(), substitutes="none")
    with pytest.raises(Refusal, match="no_substitutes"):
        sitting.secretary("member.substitute", member_id=hanh, person_id=sitting.people["outsider"])
    with pytest.raises(Refusal, match="no_substitutes"):
        sitting.chair("member.approve", member_id=hanh, approved=True)


def test_a_clone_gives_votes_back_and_has_no_substitutes(sitting: Sitting) -> None:
    substitute(sitting, kind="conference")
    again = {"title": "Hội nghị sau", "starts_at": sitting.now.isoformat(), "source_id": sitting.meeting}
    sitting.meeting = sitting.do("secretary", "meeting.clone", **again)["id"]
    assert voters(sitting).keys() == {"Nguyễn Văn Thái", HANH, "Trần Quốc Bảo"}


@given(st.sampled_from(["none", "attends", "votes"]), st.booleans(), st.booleans())
def test_only_an_approved_substitute_of_who_is_away_votes(rule: str, approved: bool, there: bool) -> None:
    votes = rules.substitute_votes(rule, approved=approved, original_present=there)
    assert votes == ((rule, approved, there) == ("votes", True, False))


def test_the_same_on_both_databases(store: Store, sitting_on: Callable[[Store], Sitting]) -> None:
    sitting = sitting_on(store).opened()
    sitting.secretary("member.excuse", member_id=member(sitting, "hanh").id, excused=True, reason="Ốm")
    sitting.bao("member.leave")
    assert meeting(sitting).quorum_lost_at == sitting.now
    sitting.bao("member.check_in", code=code(sitting))
    assert meeting(sitting).quorum_lost_at is None
