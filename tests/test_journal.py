"""The record: numbered, chained, replayed by audience, verified from a file alone."""

import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom import journal
from meetroom.store.engine import Store
from tests.sitting import Sitting


@pytest.fixture
def exported(store: Store, sitting_on: Callable[[Store], Sitting]) -> list[str]:
    sitting = sitting_on(store).opened()
    with store.read() as session:
        file = io.StringIO()
        count = journal.export(session, sitting.meeting, file)
        lines = file.getvalue().splitlines()
        assert len(lines) == count == session.get_one(journal.Stream, sitting.meeting).revision
        assert journal.verify(lines) == (count, session.get_one(journal.Stream, sitting.meeting).head)
    return lines


def test_any_change_is_found(exported: list[str]) -> None:
    middle = len(exported) // 2
    entry = json.loads(exported[middle])
    for field, value in (
        ("at", "2026-01-01T00:00:00.000Z"),
        ("actor", "person:999"),
        ("body", {}),
        ("seq", 1),
        ("hash", "0" * 64),
    ):
        changed = [*exported[:middle], json.dumps({**entry, field: value}), *exported[middle + 1 :]]
        with pytest.raises(journal.Broken) as broken:
            journal.verify(changed)
        assert broken.value.line == middle + 1
    for name, changed in (
        ("removed", exported[:middle] + exported[middle + 1 :]),
        ("swapped", [*exported[:middle], exported[middle + 1], exported[middle], *exported[middle + 2 :]]),
        ("repeated", [*exported[: middle + 1], *exported[middle:]]),
        ("nonsense", [*exported[:middle], "nonsense", *exported[middle:]]),
        ("no entry", [*exported[:middle], "[1]", *exported[middle:]]),
    ):
        with pytest.raises(journal.Broken):
            journal.verify(changed)
            pytest.fail(name)


def test_an_entry_with_a_hash_of_its_own_breaks_the_next(exported: list[str]) -> None:
    """Whoever recomputes one hash must recompute all that follow, and then the last hash is another."""
    entry = json.loads(exported[3])
    del entry["hash"]
    entry["actor"] = "person:999"
    previous = json.loads(exported[2])["hash"]
    forged = journal.canonical({**entry, "hash": journal.chain(previous, entry)})
    with pytest.raises(journal.Broken) as broken:
        journal.verify([*exported[:3], forged, *exported[4:]])
    assert broken.value.line == 5


def test_replay_gives_each_audience_its_own(store: Store, sitting_on: Callable[[Store], Sitting]) -> None:
    sitting = sitting_on(store).opened()
    vote = sitting.vote()
    sitting.secretary("vote.open", vote_id=vote)
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    everyone = {entry.name for entry in sitting.published if entry.stream == sitting.meeting}
    assert "ballot.recorded" in everyone
    for persona, hidden in (
        ("hanh", {"step.changed"}),
        ("bao", {"ballot.recorded", "step.changed"}),
        ("secretary", {"ballot.recorded"}),
    ):
        since = sitting.sync(persona, since=0)
        assert since.snapshot is None
        assert {event.name for event in since.events} == everyone - hidden, persona
        assert since.heads["meeting"] == max(e.seq for e in since.events if e.room == "meeting")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_canonical_text_is_one_for_equal_values(value: object) -> None:
    text = journal.canonical(value)
    assert journal.canonical(json.loads(text)) == text
