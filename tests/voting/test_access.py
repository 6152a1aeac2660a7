"""Who may not know of an item learns nothing of a vote on it, on any way; its electors may always know of it."""

import json
from pathlib import Path

import pytest

from meetroom import journal
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.voting.secret import proof
from tests.documents.test_routes import Browsers
from tests.meetings.test_presence import substitute
from tests.sitting import Sitting
from tests.voting.secret.voter import Board
from tests.voting.test_service import code

MEMBERS, ALL = {"kind": "members"}, {"kind": "all"}
TITLE = "Giới thiệu nhân sự"
IN, OUT = ("chair", "hanh", "bao", "chau", "secretary", "technician", "admin"), ("tanlap", "anhoa", "wall", "guest")


def live(s: Sitting, who: str, since: int) -> list[str]:
    """The names of what was told to that person since then."""
    with s.store.read() as session:
        rooms = meetings.viewer(session, s.actor(who), s.meeting).rooms()
        return [entry.name for entry in journal.replay(session, s.meeting, since, rooms)]


def knows(s: Sitting, who: str) -> set[bool]:
    """Whether the vote shows in a snapshot, and in all that was ever told (or the snapshot instead)."""
    return {TITLE in s.see(who).model_dump_json(), TITLE in s.sync(who, since=0).model_dump_json()}


def restrict(s: Sitting, item: int, access: dict[str, object]) -> None:
    s.secretary("item.restrict", item_id=item, access=access)


def voted(s: Sitting) -> int:
    vote = s.vote(title=TITLE, live=True)
    s.secretary("vote.open", vote_id=vote)
    for persona in ("chair", "hanh", "bao"):
        getattr(s, persona)("vote.cast", vote_id=vote, answers=[["for"]])
    s.secretary("vote.extend", vote_id=vote, seconds=30)
    s.secretary("vote.close", vote_id=vote)
    s.secretary("vote.publish", vote_id=vote)
    return vote


@pytest.mark.parametrize("later", [False, True])
def test_a_vote_on_an_internal_item_is_for_those_who_know_of_it(sitting: Sitting, tmp_path: Path, later: bool) -> None:
    s = sitting.opened()
    if not later:
        restrict(s, s.item(), MEMBERS)
    since = s.sync("secretary").revision
    vote = voted(s)
    if later:
        assert knows(s, "guest") == {True}
        restrict(s, s.item(), MEMBERS)
    browsers = Browsers(s, tmp_path)
    for who in (*IN, *OUT):
        assert knows(s, who) == {who in IN}, who
        names = live(s, who, since)
        if not later:
            assert any(name.startswith("vote.") for name in names) == (who in IN), who
        sheet = browsers.of(who).get(f"/api/meetings/{s.meeting}/votes/{vote}/sheet")
        assert sheet.status_code == (200 if who in IN else 404), who
        assert (TITLE in json.dumps(sheet.get_json(), ensure_ascii=False)) == (who in IN), who
    restrict(s, s.item(), ALL)
    assert knows(s, "guest") == {True}


def test_a_removed_vote_and_a_removed_item_are_no_news_to_others(sitting: Sitting) -> None:
    s = sitting.opened()
    restrict(s, s.item(), MEMBERS)
    vote, item = s.vote(title=TITLE), s.secretary("item.add", title="Kín", access=MEMBERS)["id"]
    since = s.sync("secretary").revision
    s.secretary("vote.remove", vote_id=vote)
    s.secretary("item.remove", item_id=item)
    for who, told in (
        ("guest", []),
        ("hanh", ["vote.hidden", "item.hidden"]),
        ("secretary", ["vote.unlisted", "item.unlisted"]),
    ):
        assert [name for name in live(s, who, since) if name.startswith(("vote.", "item."))] == told


def test_who_is_to_vote_may_see_what_it_is_about(sitting: Sitting) -> None:
    s = sitting.opened()
    item, hanh = s.item(), next(one.id for one in s.see("secretary").members if one.person_id == s.people["hanh"])
    only_hanh = {"kind": "people", "member_ids": [hanh]}
    restrict(s, item, only_hanh)
    vote = s.vote(title=TITLE)
    with pytest.raises(Refusal) as no:
        s.secretary("vote.open", vote_id=vote)
    assert (no.value.code, no.value.detail) == ("item_closed_to_elector", {"number": 3})
    restrict(s, item, MEMBERS)
    s.secretary("vote.open", vote_id=vote)
    assert code(s.secretary, "item.restrict", item_id=item, access=only_hanh) == "item_closed_to_elector"
    assert code(s.secretary, "member.update", member_id=hanh, role="guest") == "item_closed_to_elector"
    assert s.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    s.secretary("vote.close", vote_id=vote)
    restrict(s, item, only_hanh)
    assert (knows(s, "hanh"), knows(s, "bao")) == ({True}, {False})


def test_so_is_a_secret_ballot(sitting: Sitting) -> None:
    s = sitting.opened()
    restrict(s, s.item(), MEMBERS)
    since = s.sync("secretary").revision
    vote = s.vote(title=TITLE, method="secret", rule="council.majority")
    board = [
        next(one.id for one in s.see("secretary").members if one.person_id == s.people[who]) for who in ("hanh", "bao", "chau")
    ]
    s.secretary("secret.prepare", vote_id=vote, board=board)
    key = Board()
    s.do("box", "secret.box", key=proof.public_of(proof.new_key()))
    s.hanh("secret.set_key", vote_id=vote, key=key.key, shares=key.shares)
    only_hanh = {"kind": "people", "member_ids": [board[0]]}
    restrict(s, s.item(), only_hanh)
    assert code(s.secretary, "secret.issue", vote_id=vote) == "item_closed_to_elector"
    restrict(s, s.item(), MEMBERS)
    s.secretary("secret.issue", vote_id=vote)
    assert code(s.secretary, "item.restrict", item_id=s.item(), access=only_hanh) == "item_closed_to_elector"
    nouns = {"vote", "secret", "manifest"}
    for who in (*IN, *OUT):
        seen = s.see(who)
        assert {len(seen.votes), len(seen.secrets), len(seen.manifests)} == {int(who in IN)}, who
        assert {name.split(".")[0] for name in live(s, who, since)} & nouns == (nouns if who in IN else set()), who
        assert knows(s, who) == {who in IN}
    restrict(s, s.item(), ALL)
    assert len(s.see("guest").manifests) == 1
    assert {"vote.shown", "secret.changed", "manifest.made"} & set(live(s, "guest", since)) == {"secret.changed", "manifest.made"}


@pytest.mark.parametrize("method", ["named", "secret"])
@pytest.mark.parametrize(("rule", "electorate"), [("council.majority", 2), ("present.majority", 3)])
def test_a_substitute_votes_where_the_rule_lets_them(sitting: Sitting, method: str, rule: str, electorate: int) -> None:
    s = sitting
    substitute(s, kind="conference")  # chair, bao, and outsider for hanh
    item = s.secretary("item.add", title="Kế hoạch đầu tư công năm 2027", minutes=45)
    s.secretary("meeting.open")
    s.secretary("item.start", item_id=item["id"])
    for persona in ("chair", "bao", "outsider"):
        getattr(s, persona)("member.arrive")
    vote = s.vote(rule=rule, method=method)
    if method == "secret":
        key = Board()
        board = [one.id for one in s.see("secretary").members if one.votes][:3]
        s.secretary("secret.prepare", vote_id=vote, board=board)
        s.do("box", "secret.box", key=proof.public_of(proof.new_key()))
        s.chair("secret.set_key", vote_id=vote, key=key.key, shares=key.shares)
        assert json.loads(s.secretary("secret.issue", vote_id=vote)["text"])["electors"] == electorate
    s.secretary("vote.open", vote_id=vote)
    opened = s.see("outsider").votes[0]
    assert (opened.electorate, opened.all_members) == (electorate, 3)
