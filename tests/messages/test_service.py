"""Notes, calls for service and written opinions: who sees them, what becomes of them."""

import itertools
from collections.abc import Callable

import pytest

from meetroom.errors import Refusal
from meetroom.messages import rules
from meetroom.messages.schema import MessageState, MessageView
from meetroom.store.engine import Store
from tests.sitting import PEOPLE, Sitting


def seen(sitting: Sitting, persona: str) -> list[MessageView]:
    return list(sitting.see(persona).messages)


def last(sitting: Sitting, persona: str = "secretary") -> MessageView:
    return seen(sitting, persona)[-1]


def member(sitting: Sitting, persona: str) -> int:
    return next(m.id for m in sitting.see("secretary").members if m.person_id == sitting.people[persona])


DESK = {"secretary", "technician", "admin"}


@pytest.mark.parametrize(("persona", "others"), [("hanh", set()), ("tanlap", {"tanlap"})])
def test_only_the_desk_and_whom_it_concerns_see_a_message(sitting: Sitting, persona: str, others: set[str]) -> None:
    sitting.opened()
    say = getattr(sitting, persona)
    say("message.send", text="Xin gửi thêm bản in")
    say("message.call", service="supplies", text="nước")
    if persona == "hanh":
        say("message.opine", item_id=sitting.item(), text="Đề nghị làm rõ nguồn vốn")
    sitting.secretary("message.write", text="Đã gửi", **(
        {"member_id": member(sitting, "hanh")} if persona == "hanh" else {"point_id": sitting.points["tanlap"]}
    ))  # fmt: skip
    count = 4 if persona == "hanh" else 3
    for one in PEOPLE.keys() - {"outsider"}:
        assert len(seen(sitting, one)) == (count if one in DESK | others | {persona} else 0), one
    rooms = {e.room for e in sitting.published if e.name.startswith("message.")}
    person = f"person:{sitting.people['hanh']}" if persona == "hanh" else f"point:{sitting.points['tanlap']}"
    assert rooms == {"secretaries", person}, "nothing goes to everybody"


def test_a_call_from_a_point_is_taken_and_done(sitting: Sitting) -> None:
    call = sitting.tanlap("message.call", service="technician", text="Không nghe thấy tiếng")
    assert (call["point_id"], call["member_id"], call["by"]) == (sitting.points["tanlap"], None, "Hoàng Văn Bách")
    with pytest.raises(Refusal, match="already_called"):
        sitting.tanlap("message.call", service="technician")
    sitting.anhoa("message.call", service="technician")  # another point calls for itself
    sitting.tanlap("message.call", service="secretary")
    sitting.pass_time(seconds=20)
    sitting.technician("message.handle", message_id=call["id"], state="taken")
    [own] = [m for m in seen(sitting, "tanlap") if m.id == call["id"]]
    assert (own.state, own.handled_by, own.taken_at) == ("taken", "Phùng Gia Huy", sitting.now)
    with pytest.raises(Refusal, match="already_called"):
        sitting.tanlap("message.call", service="technician")
    sitting.technician("message.handle", message_id=call["id"], state="done")
    sitting.tanlap("message.call", service="technician")


def test_what_the_desk_did_by_mistake_is_taken_back(sitting: Sitting) -> None:
    id = sitting.hanh("message.call", service="secretary")["id"]
    sitting.secretary("message.handle", message_id=id, state="taken")
    sitting.secretary("message.handle", message_id=id, state="done")
    sitting.secretary("meeting.undo")
    assert last(sitting).state == "taken"
    sitting.secretary("meeting.undo")
    assert (last(sitting).state, last(sitting).handled_by, last(sitting).taken_at) == ("open", "", None)


def test_a_double_tap_is_one_call(sitting: Sitting) -> None:
    first = sitting.tanlap("message.call", service="technician", op_id="tapped-twice-1")
    assert sitting.tanlap("message.call", service="technician", op_id="tapped-twice-1") == first
    assert len(seen(sitting, "secretary")) == 1


def test_a_call_is_withdrawn_by_who_called(sitting: Sitting) -> None:
    id = sitting.tanlap("message.call", service="technician")["id"]
    for other in ("hanh", "anhoa", "secretary"):
        with pytest.raises(Refusal, match="not_found"):
            getattr(sitting, other)("message.withdraw", message_id=id)
    sitting.tanlap("message.withdraw", message_id=id)
    assert last(sitting).state == "withdrawn"
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.secretary("message.handle", message_id=id, state="taken")


def test_notes_are_read_by_whom_they_are_for(sitting: Sitting) -> None:
    up = sitting.hanh("message.send", text="Xin bản in")["id"]
    down = sitting.technician("message.write", member_id=member(sitting, "hanh"), text="Đã rõ")["id"]
    for persona, id in (("hanh", up), ("bao", down), ("bao", up), ("secretary", down), ("wall", down)):
        with pytest.raises(Refusal, match="not_found"):
            getattr(sitting, persona)("message.read", message_ids=[id])
    sitting.pass_time(seconds=5)
    sitting.hanh("message.read", message_ids=[down])
    sitting.hanh("message.read", message_ids=[down])
    sitting.secretary("message.read", message_ids=[up])
    assert {m.id: (m.state, m.handled_by) for m in seen(sitting, "hanh")} == {
        up: ("done", "Đỗ Thị Thùy Linh"),
        down: ("done", "Nguyễn Thị Hồng Hạnh"),
    }
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.secretary("message.handle", message_id=up, state="open")


def test_a_note_goes_to_one(sitting: Sitting) -> None:
    both = {"member_id": member(sitting, "hanh"), "point_id": sitting.points["tanlap"]}
    for to in ({}, both):
        with pytest.raises(Refusal, match="invalid"):
            sitting.secretary("message.write", text="Gửi ai?", **to)


def test_an_opinion_is_noted_for_the_record(sitting: Sitting) -> None:
    sitting.opened()
    with pytest.raises(Refusal, match="not_found"):
        sitting.hanh("message.opine", item_id=999_999, text="Ở đâu?")
    id = sitting.hanh("message.opine", item_id=sitting.item(), text="Đề nghị làm rõ nguồn vốn")["id"]
    sitting.secretary("message.handle", message_id=id, state="done")
    assert (last(sitting, "hanh").state, last(sitting).item_id) == ("done", sitting.item())
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.secretary("message.handle", message_id=id, state="taken")


def test_nothing_is_sent_to_a_closed_sitting(sitting: Sitting) -> None:
    sitting.opened()
    sitting.secretary("meeting.close")
    for order in ("message.send", "message.call"):
        with pytest.raises(Refusal, match="wrong_state"):
            sitting.hanh(order, **({"text": "Còn ai không?"} if order == "message.send" else {"service": "secretary"}))


def test_every_state_of_every_kind_has_a_way_out_or_is_an_end() -> None:
    for kind, (state, to) in itertools.product(rules.NEXT, itertools.product(MessageState, MessageState)):
        if to in rules.NEXT[kind].get(state, ()):
            assert rules.move(kind, state, to) == to
        else:
            with pytest.raises(Refusal, match="wrong_state"):
                rules.move(kind, state, to)


def test_the_same_on_both_databases(store: Store, sitting_on: Callable[[Store], Sitting]) -> None:
    sitting = sitting_on(store)
    id = sitting.tanlap("message.call", service="technician")["id"]
    sitting.technician("message.handle", message_id=id, state="taken")
    assert last(sitting, "tanlap").state == "taken"
