"""Pure rules of the agenda: the order of a tree, its numbers, its planned times, and moving on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from meetroom.errors import Refusal

DEPTH = 3  # 4 · 4.1 · 4.1.2: deeper is not how agendas are printed


@dataclass(frozen=True)
class Item:
    id: int
    parent_id: int | None
    position: int
    kind: str
    minutes: int
    state: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    internal: bool = False


@dataclass(frozen=True)
class Placed:
    """Where an item stands: its printed number ("" for a break, letters for an internal item) and how many minutes after the
    start it is planned."""

    item: Item
    number: str
    planned_after: int


def children(items: Iterable[Item], parent_id: int | None) -> list[Item]:
    return sorted((i for i in items if i.parent_id == parent_id), key=lambda i: (i.position, i.id))


def place(items: Iterable[Item]) -> list[Placed]:
    """The whole agenda in reading order, numbered and timed. A parent takes as long as its children together."""
    items = list(items)
    placed: list[Placed] = []

    def walk(parent_id: int | None, prefix: str, at: int) -> int:
        count = letters = 0
        for item in children(items, parent_id):
            letters += item.internal
            count += item.kind != "break" and not item.internal
            number = "" if item.kind == "break" else f"{prefix}{_letter(letters) if item.internal else count}"
            placed.append(Placed(item, number, at))
            below = walk(item.id, f"{number}.", at)
            at = below if below > at else at + item.minutes
        return at

    walk(None, "", 0)
    return placed


def _letter(n: int) -> str:
    """A, B … Z, AA, BB …"""
    return chr(ord("A") + (n - 1) % 26) * ((n - 1) // 26 + 1)


def move(items: Iterable[Item], item_id: int, parent_id: int | None, index: int) -> list[Item]:
    """The items that change when one is put at `index` below `parent_id`.

    Raises Refusal `item_cycle` (below itself), `too_deep`, `not_found` (unknown parent).
    """
    by_id = {item.id: item for item in items}
    if parent_id is not None and parent_id not in by_id:
        raise Refusal("not_found")
    above, cursor = 0, parent_id
    while cursor is not None:
        if cursor == item_id:
            raise Refusal("item_cycle")
        above, cursor = above + 1, by_id[cursor].parent_id
    if above + _height(by_id.values(), item_id) > DEPTH:
        raise Refusal("too_deep")
    moved = replace(by_id[item_id], parent_id=parent_id)
    rest = [item for item in children(by_id.values(), parent_id) if item.id != item_id]
    rest.insert(min(index, len(rest)), moved)
    ordered = [replace(item, position=position) for position, item in enumerate(rest)]
    return [item for item in ordered if item != by_id[item.id]]


def _height(items: Iterable[Item], item_id: int) -> int:
    return 1 + max((_height(items, child.id) for child in children(items, item_id)), default=0)


def following(items: Iterable[Item]) -> Item:
    """The item "next step" starts: the first in reading order after the current one that is still to come.

    Raises Refusal `no_next_item`.
    """
    order = [placed.item for placed in place(items)]
    current = next((n for n, item in enumerate(order) if item.state == "current"), -1)
    for item in order[current + 1 :]:
        if item.state == "pending":
            return item
    raise Refusal("no_next_item")


def start(items: Iterable[Item], item_id: int, now: datetime) -> list[Item]:
    """The items that change when one becomes current: it starts, the one in hand ends."""
    changed = []
    for item in items:
        if item.id == item_id and item.state != "current":
            changed.append(replace(item, state="current", started_at=item.started_at or now, ended_at=None))
        elif item.id != item_id and item.state == "current":
            changed.append(replace(item, state="done", ended_at=now))
    return changed
