"""The one door: validation, permission, repeats, order, durability; on both databases."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from meetroom import journal
from meetroom.access import Actor
from meetroom.door import COMMANDS, Operation
from meetroom.errors import Refusal
from meetroom.store.engine import Store
from meetroom.voting.tables import Elector
from tests.sitting import Sitting


@pytest.fixture
def sitting(store: Store, sitting_on: Callable[[Store], Sitting]) -> Sitting:
    return sitting_on(store)


def refusal(do: Callable[..., Any], *args: Any, **order: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        do(*args, **order)
    return caught.value


def test_a_command_answers_journals_and_publishes(sitting: Sitting) -> None:
    before = len(sitting.published)
    item = sitting.secretary("item.add", title="Khai mạc")
    assert item["number"] == "1"
    told = sitting.published[before:]
    assert [entry.name for entry in told] == ["item.changed", "step.changed"]
    with sitting.store.read() as session:
        stored = journal.replay(session, sitting.meeting, told[0].seq - 1)
    assert [(e.seq, e.hash) for e in stored] == [(e.seq, e.hash) for e in told]


def test_the_same_op_id_gives_the_first_answer_and_changes_nothing(sitting: Sitting) -> None:
    first = sitting.secretary("item.add", title="Khai mạc", op_id="the-same-op")
    count = len(sitting.published)
    assert sitting.secretary("item.add", title="Khai mạc", op_id="the-same-op") == first
    assert len(sitting.published) == count
    assert refusal(sitting.secretary, "item.add", title="Bế mạc", op_id="the-same-op").code == "op_reused"
    # Another person's op_id is another operation.
    assert sitting.chair("member.arrive", op_id="the-same-op") is None


def test_a_refused_command_leaves_nothing(sitting: Sitting) -> None:
    with sitting.store.read() as session:
        before = session.scalar(select(func.count()).select_from(Operation))
    for command, order in (
        ("item.add", {"title": ""}),
        ("item.add", {"title": "x", "surprise": 1}),
        ("item.start", {"item_id": 999_999}),
        ("meeting.close", {}),
        ("nothing.such", {}),
    ):
        refusal(sitting.secretary, command, **order)
    with sitting.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Operation)) == before


@pytest.mark.parametrize("op_id", ["", "short", "x" * 65, None, 7, {"a": 1}])
def test_an_op_id_has_its_length(sitting: Sitting, op_id: Any) -> None:
    answer, status = sitting.door.answer(
        "item.add", {"meeting_id": sitting.meeting, "title": "Khai mạc"}, actor=sitting.actor("secretary"), op_id=op_id
    )
    assert (status, answer["error"]["code"]) == (422, "invalid")


def test_a_foreign_meeting_is_not_found(sitting: Sitting) -> None:
    assert refusal(sitting.do, "outsider", "item.add", meeting_id=sitting.meeting, title="x").code == "not_found"
    assert refusal(sitting.do, "secretary", "item.add", meeting_id=987_654, title="x").code == "not_found"


def test_rows_of_another_meeting_are_not_found(sitting: Sitting) -> None:
    mine = sitting.secretary("item.add", title="Khai mạc")
    other = sitting.do("secretary", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
    assert (
        refusal(
            sitting.do, "secretary", "item.update", meeting_id=other, item_id=mine["id"], title="x", kind="speech", minutes=1
        ).code
        == "not_found"
    )


def test_a_bug_in_one_command_harms_no_other(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(call: Any, order: Any) -> None:
        call.session.add(Elector(vote_id=1, person_id=1))
        raise ZeroDivisionError

    spec = COMMANDS["note.add"]
    monkeypatch.setitem(COMMANDS, "note.add", type(spec)(spec.name, spec.may, spec.order, broken))
    order = {"meeting_id": sitting.meeting, "text": "x"}
    answer, status = sitting.door.answer("note.add", order, actor=sitting.actor("secretary"), op_id="op-broken")
    assert (status, answer["error"]["code"]) == (500, "internal")
    assert sitting.secretary("item.add", title="Khai mạc")["number"] == "1"


def test_many_at_once_all_count_once(sitting: Sitting) -> None:
    """Threads share commits; every acknowledged ballot is in the database, numbered without a gap."""
    sitting.opened()
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    answers: list[Any] = []

    def cast(persona: str, n: int) -> None:
        order = {"meeting_id": sitting.meeting, "vote_id": vote, "answers": [[("for", "against", "abstain")[n % 3]]]}
        for _ in range(2):  # each is sent twice, as after a lost acknowledgement
            answers.append(sitting.door.perform("vote.cast", order, actor=sitting.actor(persona), op_id=f"{persona}-ballot-{n}"))

    threads = [threading.Thread(target=cast, args=(p, n)) for p in ("chair", "hanh", "bao", "chau") for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40 and all(answer["ok"] for answer in answers)
    assert len(sitting.told("ballot.recorded")) == 20
    with sitting.store.read() as session:
        entries = journal.replay(session, sitting.meeting, 0)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert session.scalar(select(func.count()).select_from(Elector).where(Elector.answers.is_not(None))) == 4
    assert [e.seq for e in sitting.published if e.stream == sitting.meeting] == [entry.seq for entry in entries]


def test_the_system_may_only_report(sitting: Sitting) -> None:
    for name, spec in COMMANDS.items():
        answer, _ = sitting.door.answer(name, {"meeting_id": sitting.meeting}, actor=Actor(system="media"), op_id="system-op")
        assert not answer["ok"]
        if spec.may != "report":
            assert answer["error"]["code"] in ("forbidden", "invalid"), name
