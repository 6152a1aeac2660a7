"""Commands of the floor, as minutes of a sitting."""

from collections.abc import Callable
from typing import Any

import pytest

from meetroom.errors import Refusal
from meetroom.floor.schema import FloorView, RequestView
from meetroom.store.engine import Store
from tests.sitting import Sitting


def request(sitting: Sitting, id: int) -> RequestView:
    return next(one for one in sitting.see("hanh").requests if one.id == id)


def waiting(sitting: Sitting) -> list[int]:
    rows = [one for one in sitting.see("hanh").requests if one.state == "waiting"]
    return [one.id for one in sorted(rows, key=lambda one: one.position)]


def member(sitting: Sitting, persona: str) -> int:
    return next(m.id for m in sitting.see("hanh").members if m.person_id == sitting.people[persona])


def mic(sitting: Sitting, point: str = "tanlap") -> str:
    return next(p.mic for p in sitting.see("hanh").points if p.id == sitting.points[point])


def floor(sitting: Sitting) -> FloorView:
    [found] = sitting.see("hanh").floors
    return found


def at_the_point(sitting: Sitting, persona: str = "chau") -> int:
    """A deputy who takes part from the hall of a point."""
    id = member(sitting, persona)
    sitting.secretary("member.update", member_id=id, role="delegate", votes=True, point_id=sitting.points["tanlap"])
    return id


def test_an_operator_asks_for_the_people_of_the_hall(sitting: Sitting) -> None:
    sitting.opened()
    chau = at_the_point(sitting)
    point = sitting.tanlap("floor.request")["id"]
    villager = sitting.tanlap("floor.request", speaker="Ông Vàng A Páo, trưởng thôn")["id"]
    deputy = sitting.tanlap("floor.request", member_id=chau, kind="point_of_order")["id"]
    assert waiting(sitting) == [deputy, point, villager]
    assert request(sitting, villager).speaker == "Ông Vàng A Páo, trưởng thôn"
    assert request(sitting, deputy).point_id == sitting.points["tanlap"]
    with pytest.raises(Refusal, match="already_asked"):
        sitting.chau("floor.request")
    with pytest.raises(Refusal, match="already_asked"):
        sitting.tanlap("floor.request", speaker="Ông Vàng A Páo, trưởng thôn")
    sitting.tanlap("floor.withdraw", request_id=deputy)
    sitting.tanlap("floor.withdraw", request_id=villager)
    assert waiting(sitting) == [point]


@pytest.mark.parametrize(
    ("persona", "order", "code"),
    [
        ("hanh", {"speaker": "Người khác"}, "forbidden"),
        ("tanlap", {"member": "hanh"}, "forbidden"),  # she sits in the main hall
        ("tanlap", {"member": "anhoa"}, "forbidden"),
        ("hanh", {"kind": "answer"}, "not_invited"),
        ("hanh", {"kind": "debate"}, "nobody_speaking"),
        ("hanh", {"kind": "debate", "replies_to": 999_999}, "not_found"),
    ],
)
def test_who_may_not_ask_for_what(sitting: Sitting, persona: str, order: dict[str, Any], code: str) -> None:
    sitting.opened()
    if "member" in order:
        order = {"member_id": member(sitting, order["member"])}
    with pytest.raises(Refusal, match=code):
        getattr(sitting, persona)("floor.request", **order)


def test_nobody_takes_back_what_another_asked(sitting: Sitting) -> None:
    sitting.opened()
    own = sitting.hanh("floor.request")["id"]
    for persona in ("bao", "tanlap"):
        for order in ({}, {"request_id": own}):
            with pytest.raises(Refusal, match="not_found"):
                getattr(sitting, persona)("floor.withdraw", **order)
    point = sitting.tanlap("floor.request")["id"]
    with pytest.raises(Refusal, match="not_found"):
        sitting.anhoa("floor.withdraw", request_id=point)


def test_a_debate_answers_the_speech_in_hand_and_an_answer_is_for_the_invited(sitting: Sitting) -> None:
    sitting.opened()
    hanh = sitting.hanh("floor.request")["id"]
    bao = sitting.bao("floor.request")["id"]
    sitting.chair("floor.grant", request_id=hanh)
    debate = sitting.chau("floor.request", kind="debate")["id"]
    answer = sitting.guest("floor.request", kind="answer")["id"]
    assert waiting(sitting) == [answer, debate, bao]
    assert request(sitting, debate).replies_to == hanh
    sitting.chair("floor.end")
    invited = sitting.secretary("floor.add", member_id=member(sitting, "hanh"), kind="answer")["id"]
    assert waiting(sitting) == [answer, invited, debate, bao] and request(sitting, invited).invited
    sitting.chair("floor.grant", request_id=invited)
    assert request(sitting, invited).seconds == 600
    sitting.chair("floor.end")
    sitting.hanh("floor.request", kind="answer")  # whoever was invited to answer goes on answering


def test_two_tablets_of_one_person_and_double_taps(sitting: Sitting) -> None:
    sitting.opened()
    first = sitting.hanh("floor.request", op_id="tapped-once-and-again")
    assert sitting.hanh("floor.request", op_id="tapped-once-and-again") == first
    with pytest.raises(Refusal, match="already_asked"):
        sitting.hanh("floor.request")
    sitting.hanh("floor.withdraw")
    with pytest.raises(Refusal, match="not_found"):  # the other tablet took it back as well
        sitting.hanh("floor.withdraw")
    again = sitting.hanh("floor.request")["id"]
    sitting.chair("floor.grant", request_id=again)
    with pytest.raises(Refusal, match="not_found"):  # the chair and the secretary in the same moment
        sitting.secretary("floor.grant", request_id=again)


def test_an_operator_who_was_cut_off_sends_again_what_was_not_acknowledged(sitting: Sitting) -> None:
    """The point was lost after the server had stored it; its outbox repeats the same operation."""
    sitting.opened()
    order = {"op_id": "outbox-of-tan-lap-1", "speaker": "Bà Hoàng Thị Bình"}
    stored = sitting.tanlap("floor.request", **order)
    sitting.media("point.report", point_id=sitting.points["tanlap"], link="lost")
    assert waiting(sitting) == [stored["id"]], "a lost point keeps its place"
    assert sitting.tanlap("floor.request", **order) == stored
    assert waiting(sitting) == [stored["id"]]


def test_turns_by_group_and_back_by_undo(sitting: Sitting) -> None:
    sitting.opened()
    for persona, group in (("hanh", "Tổ 1"), ("bao", "Tổ 1"), ("chau", "Tổ 2")):
        id = member(sitting, persona)
        sitting.secretary("member.update", member_id=id, role="delegate", votes=True, group=group)
    hanh, bao, chau = (getattr(sitting, p)("floor.request")["id"] for p in ("hanh", "bao", "chau"))
    sitting.secretary("floor.set", order="groups", speak=240)
    assert waiting(sitting) == [hanh, chau, bao] and floor(sitting).speak == 240
    sitting.chair("floor.move", request_id=bao, index=0)
    assert waiting(sitting) == [bao, hanh, chau]
    sitting.chair("floor.arrange")
    assert waiting(sitting) == [hanh, chau, bao]
    sitting.secretary("meeting.undo")  # the move
    sitting.secretary("meeting.undo")  # the rules
    assert (floor(sitting).order, floor(sitting).speak) == ("asked", 300)
    assert waiting(sitting) == [hanh, bao, chau]


def test_what_is_left_counts_for_the_item_in_hand(sitting: Sitting) -> None:
    sitting.opened()
    sitting.secretary("floor.set", person_seconds=200)
    first = sitting.hanh("floor.request")["id"]
    sitting.chair("floor.grant", request_id=first)
    assert request(sitting, first).seconds == 200
    sitting.pass_time(seconds=195)
    sitting.chair("floor.end")
    second = sitting.hanh("floor.request")["id"]
    with pytest.raises(Refusal, match="quota_used"):
        sitting.chair("floor.grant", request_id=second)
    following = sitting.secretary("item.add", title="Mức thu phí", minutes=30)["id"]
    sitting.secretary("item.start", item_id=following)
    sitting.chair("floor.grant", request_id=second)
    assert (request(sitting, second).item_id, request(sitting, second).seconds) == (following, 200)


def test_a_speech_that_ends_with_its_time(sitting: Sitting) -> None:
    sitting.opened()
    id = sitting.hanh("floor.request")["id"]
    sitting.chair("floor.grant", request_id=id, seconds=60)
    with pytest.raises(Refusal, match="wrong_state"):  # the rules let speeches run over
        sitting.clock("floor.expire", request_id=id, seconds=60)
    sitting.secretary("floor.set", cut=True)
    sitting.chair("floor.extend", seconds=30)
    with pytest.raises(Refusal, match="wrong_state"):  # time was added
        sitting.clock("floor.expire", request_id=id, seconds=60)
    sitting.clock("floor.expire", request_id=id, seconds=90)
    assert request(sitting, id).state == "done"
    sitting.secretary("meeting.undo")
    assert (request(sitting, id).state, request(sitting, id).seconds) == ("speaking", 150)
    sitting.secretary("meeting.undo")  # the half minute
    assert request(sitting, id).seconds == 120


def grant(sitting: Sitting, id: int) -> None:
    sitting.chair("floor.grant", request_id=id, seconds=60)


@pytest.mark.parametrize(
    ("way", "after"),
    [
        (lambda s, own, other: s.chair("floor.end"), "off"),
        (lambda s, own, other: s.clock("floor.expire", request_id=own, seconds=60), "off"),
        (lambda s, own, other: s.chair("floor.give_back", request_id=own), "off"),
        (lambda s, own, other: s.secretary("meeting.undo"), "off"),
        (lambda s, own, other: grant(s, other), "off"),
        (lambda s, own, other: s.secretary("meeting.close"), "off"),
        (lambda s, own, other: (s.chair("floor.end"), s.chair("floor.resume", request_id=own)), "on"),
        (lambda s, own, other: (grant(s, other), s.secretary("meeting.undo")), "on"),
        (lambda s, own, other: (s.chair("floor.end"), s.secretary("meeting.undo")), "on"),
    ],
)
def test_the_microphone_of_a_point_follows_the_floor(
    sitting: Sitting, way: Callable[[Sitting, int, int], Any], after: str
) -> None:
    sitting.opened()
    sitting.secretary("floor.set", cut=True)
    own, other = sitting.tanlap("floor.request")["id"], sitting.hanh("floor.request")["id"]
    assert mic(sitting) == "off"
    grant(sitting, own)
    assert mic(sitting) == "on"
    way(sitting, own, other)
    assert mic(sitting) == after


def test_the_next_person_of_the_same_point_is_heard_too(sitting: Sitting) -> None:
    sitting.opened()
    first, second = (sitting.tanlap("floor.request", speaker=name)["id"] for name in ("Ông An", "Bà Bình"))
    grant(sitting, first)
    sitting.chair("point.mute", point_id=sitting.points["tanlap"])
    grant(sitting, second)
    assert mic(sitting) == "on"


def test_a_clone_has_the_same_rules(sitting: Sitting) -> None:
    sitting.opened()
    sitting.secretary("floor.set", order="points", group_seconds=900, scope="meeting")
    clone = sitting.do(
        "secretary", "meeting.clone", source_id=sitting.meeting, title="Kỳ họp sau", starts_at="2027-06-08T01:00:00Z"
    )["id"]
    sitting.meeting = clone
    [rules] = sitting.see("secretary").floors
    assert (rules.order, rules.group_seconds, rules.scope) == ("points", 900, "meeting")


def test_the_same_on_both_databases(store: Store, sitting_on: Callable[[Store], Sitting]) -> None:
    sitting = sitting_on(store).opened()
    sitting.secretary("floor.set", order="groups", group_seconds=600, cut=True)
    id = sitting.tanlap("floor.request", speaker="Ông An")["id"]
    sitting.chair("floor.grant", request_id=id)
    sitting.chair("floor.extend", seconds=-60)
    assert (request(sitting, id).speaker, request(sitting, id).seconds) == ("Ông An", 240)
