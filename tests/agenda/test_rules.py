"""The agenda's tree as tables: order, numbers, planned minutes, moving on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.agenda import rules
from meetroom.agenda.rules import Item
from meetroom.errors import Refusal

NOW = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)


def item(
    id: int, parent: int | None = None, position: int = 0, kind: str = "speech", minutes: int = 10, state: str = "pending"
) -> Item:
    return Item(id, parent, position, kind, minutes, state)


TREE = [
    item(1, position=0),
    item(2, position=1, minutes=99),
    item(21, 2, 0),
    item(22, 2, 1),
    item(3, position=2, kind="break"),
    item(4, position=3),
]


def test_numbers_skip_breaks_and_a_parent_lasts_as_long_as_its_children() -> None:
    assert [(p.item.id, p.number, p.planned_after) for p in rules.place(TREE)] == [
        (1, "1", 0), (2, "2", 10), (21, "2.1", 10), (22, "2.2", 20), (3, "", 30), (4, "3", 40)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("id", "parent", "index", "order"),
    [
        (4, None, 0, [4, 1, 2, 21, 22, 3]),
        (1, None, 99, [2, 21, 22, 3, 4, 1]),
        (1, 2, 1, [2, 21, 1, 22, 3, 4]),
        (22, None, 0, [22, 1, 2, 21, 3, 4]),
        (2, None, 2, [1, 3, 2, 21, 22, 4]),
    ],
)
def test_moving(id: int, parent: int | None, index: int, order: list[int]) -> None:
    assert [p.item.id for p in rules.place(moved(TREE, id, parent, index))] == order


def moved(items: list[Item], id: int, parent: int | None, index: int) -> list[Item]:
    changed = {i.id: i for i in rules.move(items, id, parent, index)}
    return [changed.get(i.id, i) for i in items]


@pytest.mark.parametrize(("id", "parent", "code"), [(2, 21, "item_cycle"), (2, 2, "item_cycle"), (1, 77, "not_found")])
def test_moves_that_cannot_be(id: int, parent: int, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        rules.move(TREE, id, parent, 0)


def test_the_tree_stays_three_deep() -> None:
    deep = [*TREE, item(211, 21)]
    with pytest.raises(Refusal, match="too_deep"):
        rules.move(deep, 1, 211, 0)
    with pytest.raises(Refusal, match="too_deep"):
        rules.move(deep, 2, 1, 0)  # itself fits, its children's children would not


@given(st.data())
def test_any_moves_keep_every_item_once(data: st.DataObject) -> None:
    items = TREE
    for _ in range(data.draw(st.integers(1, 12))):
        id = data.draw(st.sampled_from([i.id for i in items]))
        parent = data.draw(st.sampled_from([None, *(i.id for i in items)]))
        try:
            items = moved(items, id, parent, data.draw(st.integers(0, 9)))
        except Refusal:
            continue
        assert {i.id: i.parent_id for i in items}[id] == parent
    assert sorted(p.item.id for p in rules.place(items)) == sorted(i.id for i in TREE)


def test_moving_on_takes_reading_order_and_ends_the_one_in_hand() -> None:
    items, seen = TREE, []
    while True:
        try:
            next_id = rules.following(items).id
        except Refusal as no:
            assert no.code == "no_next_item"
            break
        changed = {i.id: i for i in rules.start(items, next_id, NOW)}
        items = [changed.get(i.id, i) for i in items]
        seen.append(next_id)
        assert [i.id for i in items if i.state == "current"] == [next_id]
    assert seen == [1, 2, 21, 22, 3, 4]
    assert [i.state for i in items] == ["done"] * 5 + ["current"]


def test_starting_again_keeps_the_first_time() -> None:
    once = rules.start([replace(TREE[0], state="done", started_at=NOW)], 1, datetime(2026, 12, 8, 3, 0, tzinfo=UTC))
    assert (once[0].state, once[0].started_at, once[0].ended_at) == ("current", NOW, None)
