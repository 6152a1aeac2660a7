"""Whatever happens during a vote, its result is the pure tally of the ballots that were acknowledged last.

Histories of casts, changes, repeats, late and wrong ballots, paper, points that drop, reordering between tablets, and batches
that die before their commit. A few here; HISTORIES=100000 for a long run (`make histories`).
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetroom.door import COMMANDS, Lane, Ticket, parse
from meetroom.store.engine import open_store
from meetroom.voting import rules
from meetroom.voting.tables import VoteRow
from tests.sitting import Sitting

RUNS = int(os.environ.get("HISTORIES", "12"))
FRESH = 100  # histories in one database: opening a vote looks at all of a meeting
VOTERS = ("chair", "hanh", "bao", "chau")
OPTIONS = [{"title": "Tân Lập"}, {"title": "An Hòa"}, {"title": "Phú Nhuận"}]
KINDS: dict[str, dict[str, Any]] = {
    "approve": {"rule": "committee.majority"},
    "choose": {"rule": "general.election", "questions": [{"title": "Chọn", "kind": "choose", "options": OPTIONS, "most": 2}]},
    "confidence": {
        "rule": "council.confidence",
        "questions": [{"title": name, "kind": "confidence"} for name in ("Một", "Hai", "Ba")],
    },
    "slip": {"rule": "committee.slip", "method": "slip", "deadline": "2026-12-20T00:00:00Z"},
}


class Died(Exception):
    """The process, before the commit."""


class House:
    """A sitting whose database is made anew now and then."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.template, self.folder, self.used = template, folder, 0
        self.whole = True  # a history that failed leaves its vote open
        self.sitting: Sitting

    def next(self) -> Sitting:
        if self.used % FRESH == 0 or not self.whole:
            self.used += -self.used % FRESH
            if self.used:
                self.sitting.store.close()
            folder = self.folder / str(self.used // FRESH)
            folder.mkdir()
            shutil.copy(self.template, folder / "meetroom.sqlite")
            self.sitting = Sitting(open_store(f"sqlite:///{folder / 'meetroom.sqlite'}"), folder / "blobs").opened()
            members = {m.person_id: m for m in self.sitting.see("secretary").members}
            self.members = {persona: members[self.sitting.people[persona]].id for persona in VOTERS}
            bao = {"member_id": self.members["bao"], "role": "delegate", "votes": True}
            self.sitting.secretary("member.update", **bao, point_id=self.sitting.points["tanlap"])
            self.item = self.sitting.item()
        self.used += 1
        self.whole = False
        return self.sitting


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(sqlite_template, tmp_path_factory.mktemp("histories"))
    yield house
    house.sitting.store.close()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=RUNS, deadline=None, derandomize=RUNS < 1000, database=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False))
def test_any_history_is_the_pure_tally(house: House, kind: str, chance: random.Random) -> None:
    sitting = house.next()
    live = chance.random() < 0.3
    policy = chance.choice(["extend", "hand", "absent"])
    order = {"item_id": house.item, "title": kind, "seconds": 60, "live": live, "policy": policy, **KINDS[kind]}
    vote = sitting.secretary("vote.create", **order)["id"]
    sitting.secretary("vote.open", vote_id=vote)
    questions = rules.questions(row(sitting, vote).questions)
    model: dict[str, Any] = {}  # who -> the answers that count
    deliver(sitting, house, vote, history(chance, questions), model, chance)
    if live:
        running = row(sitting, vote).running
        assert running is not None and without_zeros([rules.Tally(**one) for one in running]) == pure(questions, model)
    sitting.secretary("vote.close", vote_id=vote)
    late = {"vote_id": vote, "answers": [[q.codes[0]] for q in questions]}
    assert outcome(sitting, "chau", "vote.cast", late, f"late-{vote}-1") == "voting_over"
    found = row(sitting, vote)
    chair = model.get("chair") or [[]] * len(questions)
    expected = [
        rules.decide(rules.rule(found.rule), question, tally, electorate=4, all_members=4, chair=chair[n])
        for n, (question, tally) in enumerate(zip(questions, pure(questions, model), strict=True))
    ]
    assert found.cast == len(model)
    assert found.results == [
        {**asdict(one), **{k: list(getattr(one, k)) for k in ("counts", "percents", "chosen")}} for one in expected
    ]
    house.whole = True


def pure(questions: tuple[rules.Question, ...], model: dict[str, Any]) -> list[rules.Tally]:
    return without_zeros(rules.tally(questions, model.values()))


def without_zeros(tallies: list[rules.Tally]) -> list[rules.Tally]:
    return [rules.Tally({code: n for code, n in one.counts.items() if n}, one.valid, one.invalid) for one in tallies]


def history(chance: random.Random, questions: tuple[rules.Question, ...]) -> list[tuple[str, str, Any]]:
    """(what, who, answers), in the order in which the tablets begin to send."""
    steps = []
    for _ in range(chance.randrange(1, 12)):
        what = chance.choices(["cast", "repeat", "wrong", "paper", "drop"], [8, 3, 1, 1, 1])[0]
        said = [chance.sample(q.codes, chance.randint(0, q.most)) for q in questions]
        if what == "wrong":
            said = chance.choice([[], said + said, [["o9"]] * len(questions), [list(q.codes) for q in questions]])
        steps.append((what, chance.choice(VOTERS), said))
    return steps


def deliver(
    sitting: Sitting, house: House, vote: int, steps: list[tuple[str, str, Any]], model: dict[str, Any], chance: random.Random
) -> None:
    """In batches that share a commit; a batch that dies is sent again. A repeat is the last ballot of that person once more,
    with its op_id, from whichever tablet."""
    sent: dict[str, tuple[str, Any]] = {}
    while steps:
        size = chance.randint(1, 4)
        batch, steps = steps[:size], steps[size:]
        tickets: list[tuple[Ticket, str, str, Any]] = []
        for what, who, said in batch:
            op_id = f"op-{vote}-{len(sent)}-{chance.randrange(1 << 40)}"
            if what == "repeat":
                if who not in sent:
                    continue
                op_id, said = sent[who]
            if what in ("paper", "drop"):
                tickets.append((other(sitting, house, vote, what, who, said, op_id, chance), what, who, said))
                continue
            if what == "cast":
                sent[who] = op_id, said
            tickets.append((ticket(sitting, who, "vote.cast", {"vote_id": vote, "answers": said}, op_id), what, who, said))
        if chance.random() < 0.2:
            die(sitting, [one[0] for one in tickets])
            fresh = [Ticket(one[0].spec, one[0].order, one[0].actor, one[0].op_id) for one in tickets]
            tickets = [(new, *one[1:]) for new, one in zip(fresh, tickets, strict=True)]
        Lane(sitting.door)._lead([one[0] for one in tickets])
        for done, what, who, said in tickets:
            if done.error is None and what in ("cast", "paper"):
                model[who] = said
            assert what != "wrong" or done.error is not None


def ticket(sitting: Sitting, who: str, command: str, order: dict[str, Any], op_id: str) -> Ticket:
    spec = COMMANDS[command]
    return Ticket(spec, parse(spec.order, {"meeting_id": sitting.meeting, **order}), sitting.actor(who), op_id)


def other(sitting: Sitting, house: House, vote: int, what: str, who: str, said: Any, op_id: str, chance: random.Random) -> Ticket:
    if what == "drop":
        report = {"point_id": sitting.points["tanlap"], "link": chance.choice(["lost", "good", "weak"])}
        return ticket(sitting, "media", "point.report", report, op_id)
    named = [{"member_id": house.members[who], "answers": said}]
    return ticket(sitting, "secretary", "vote.add_paper", {"vote_id": vote, "ballots": named, "witnesses": ["A", "B"]}, op_id)


def die(sitting: Sitting, tickets: list[Ticket]) -> None:
    """The batch runs, and nothing of it is on disk."""
    write = sitting.store.write

    class Dying:
        def __enter__(self) -> Any:
            self.inner = write()
            return self.inner.__enter__()

        def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
            died = error or Died()
            with suppress(Died):
                self.inner.__exit__(type(died), died, trace)
            raise Died

    sitting.store.write = Dying  # type: ignore[method-assign,assignment]
    try:
        Lane(sitting.door)._lead(tickets)
    finally:
        sitting.store.write = write  # type: ignore[method-assign]
    assert all(one.error is not None for one in tickets)


def outcome(sitting: Sitting, who: str, command: str, order: dict[str, Any], op_id: str) -> str:
    answer, _ = sitting.door.answer(command, {"meeting_id": sitting.meeting, **order}, actor=sitting.actor(who), op_id=op_id)
    return "ok" if answer["ok"] else str(answer["error"]["code"])


def row(sitting: Sitting, vote: int) -> VoteRow:
    with sitting.store.read() as session:
        return session.get_one(VoteRow, vote)
