"""Pure rules of the floor: one speaker, a queue ordered by rule and by the chair's hand, time and what is left of it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from meetroom.errors import Refusal

# Who goes first: a point of order before all, then who answers, then who debates what was said, then speeches.
RANK = {"point_of_order": 0, "answer": 1, "debate": 2, "speak": 3}
# What uses up the time of a person and of a group; points of order and answers are owed to the sitting.
COUNTED = frozenset({"speak", "debate"})
SECONDS = {"speak": 300, "point_of_order": 120, "answer": 600, "debate": 180}
SHORTEST = 10  # seconds; with less left than this nobody is given the floor


@dataclass(frozen=True)
class Rules:
    """The floor of one meeting. `order`: speeches as they were asked for, or groups or points taking turns. Quotas are of
    each item or of the whole meeting (`scope`). `cut`: a speech ends by itself with its time."""

    order: str = "asked"  # asked, groups, points
    seconds: Mapping[str, int] = field(default_factory=lambda: SECONDS)
    person_seconds: int | None = None
    group_seconds: int | None = None
    scope: str = "item"  # item, meeting
    cut: bool = False


@dataclass(frozen=True)
class Request:
    """`speaker`: somebody of a point's hall, in whose name the point's operator asks. `replies_to`: the speech a debate is
    about."""

    id: int
    member_id: int
    kind: str
    state: str
    position: int
    granted_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int = 0
    speaker: str = ""
    group: str = ""
    point_id: int | None = None
    item_id: int | None = None
    replies_to: int | None = None

    @property
    def person(self) -> Hashable:
        return (self.member_id, self.speaker)

    @property
    def side(self) -> Hashable:
        """Whose turn and time it is: the group's, or the point's of who has none."""
        return self.group or (self.point_id and ("point", self.point_id))


def queue(requests: Iterable[Request]) -> list[Request]:
    """Those who wait, in order."""
    return sorted((r for r in requests if r.state == "waiting"), key=lambda r: (r.position, r.id))


def speaking(requests: Iterable[Request]) -> Request | None:
    return next((r for r in requests if r.state == "speaking"), None)


def ask(requests: Iterable[Request], new: Request, rules: Rules) -> list[Request]:
    """The queue's changes when `new` joins it at the place of its kind and turn. Whatever the chair has arranged stays.

    Raises Refusal `already_asked` when that person waits or speaks already.
    """
    requests = list(requests)
    if any(r.person == new.person and r.state in ("waiting", "speaking") for r in requests):
        raise Refusal("already_asked")
    order = _insert(queue(requests), new, rules, _turns(requests, rules, new.item_id))
    return [new, *_renumber(order)]


def arrange(requests: Iterable[Request], rules: Rules, item_id: int | None) -> list[Request]:
    """The requests that change when the whole queue is ordered by rule again, as if all had just asked one after the other."""
    requests = list(requests)
    order: list[Request] = []
    for one in sorted(queue(requests), key=lambda r: r.id):
        order = _insert(order, one, rules, _turns(requests, rules, item_id))
    return _renumber(order)


def _insert(order: Sequence[Request], new: Request, rules: Rules, spoken: Counter[Hashable]) -> list[Request]:
    """A debate on somebody who still waits goes right behind them, everything else before the first who comes later by rule."""
    keys = _keys([*order, new], rules, spoken)
    own = keys.pop()
    if new.kind == "debate" and any(r.id == new.replies_to for r in order):
        at = next(n for n, r in enumerate(order) if r.id == new.replies_to) + 1
        while at < len(order) and order[at].replies_to == new.replies_to:
            at += 1
    else:
        at = next((n for n, key in enumerate(keys) if key > own), len(order))
    return [*order[:at], new, *order[at:]]


def _keys(order: Sequence[Request], rules: Rules, spoken: Counter[Hashable]) -> list[tuple[int, int]]:
    """Rank and turn of each: the third speech of a group has turn 2. Who debates somebody waiting goes with them."""
    turns, keys = spoken.copy(), []
    by_id: dict[int | None, tuple[int, int]] = {}
    for one in order:
        turn = 0
        if one.kind == "speak" and rules.order != "asked":
            turn = turns[_lane(one, rules)]
            turns[_lane(one, rules)] += 1
        key = by_id.get(one.replies_to if one.kind == "debate" else None, (RANK[one.kind], turn))
        by_id[one.id] = key
        keys.append(key)
    return keys


def _turns(requests: Iterable[Request], rules: Rules, item_id: int | None) -> Counter[Hashable]:
    """Turns taken on this item."""
    held = (r for r in requests if r.granted_at and r.state in ("speaking", "done") and r.kind == "speak")
    return Counter(_lane(r, rules) for r in held if r.item_id == item_id)


def _lane(request: Request, rules: Rules) -> Hashable:
    return request.side if rules.order == "groups" else request.point_id


def move(requests: Iterable[Request], request_id: int, index: int) -> list[Request]:
    """The requests that change when one of the queue is put at `index`."""
    order = queue(requests)
    one = _waiting(order, request_id)
    rest = [r for r in order if r.id != request_id]
    rest.insert(min(index, len(rest)), one)
    return _renumber(rest)


def answerable(requests: Iterable[Request], item_id: int | None) -> Request | None:
    """The speech a debate is about when it does not say: the one in hand, else the last on this item."""
    requests = list(requests)
    held = [r for r in requests if r.state == "done" and r.ended_at and r.granted_at and r.item_id == item_id]
    return speaking(requests) or max(held, key=lambda r: (r.ended_at, r.id), default=None)


def held_seconds(request: Request, now: datetime) -> float:
    """How long a speech has taken until now."""
    if request.granted_at is None or request.state not in ("speaking", "done"):
        return 0.0
    return max(0.0, ((request.ended_at or now) - request.granted_at).total_seconds())


def left(requests: Iterable[Request], one: Request, rules: Rules, now: datetime) -> int | None:
    """Seconds that person may still speak on `one`'s item by the quotas, never below 0; null: as long as they are given."""
    if one.kind not in COUNTED:
        return None
    held = [r for r in requests if r.kind in COUNTED and (rules.scope == "meeting" or r.item_id == one.item_id)]
    lefts = []
    if rules.person_seconds is not None:
        lefts.append(rules.person_seconds - sum(held_seconds(r, now) for r in held if r.person == one.person))
    if rules.group_seconds is not None and one.side:
        lefts.append(rules.group_seconds - sum(held_seconds(r, now) for r in held if r.side == one.side))
    return max(0, ceil(min(lefts))) if lefts else None


def grant(requests: Iterable[Request], request_id: int, seconds: int | None, now: datetime, rules: Rules) -> list[Request]:
    """The floor goes to one who waits; whoever spoke until now is done. Without `seconds` they have the time of their kind, or
    what is left of it by the quotas; with `seconds` the chair has decided.

    Raises Refusal `quota_used` when hardly anything is left and nothing was decided.
    """
    requests = list(requests)
    one = _waiting(queue(requests), request_id)
    if seconds is None:
        rest = left(requests, one, rules, now)
        if rest is not None and rest < SHORTEST:
            raise Refusal("quota_used", {"left": rest})
        usual = rules.seconds[one.kind]
        seconds = usual if rest is None else min(usual, rest)
    before = speaking(requests)
    done = [replace(before, state="done", ended_at=now)] if before else []
    return [*done, replace(one, state="speaking", granted_at=now, seconds=seconds)]


def extend(requests: Iterable[Request], seconds: int) -> Request:
    """More (or less) time for who speaks, at least ten seconds in all. Raises Refusal `nobody_speaking`."""
    one = _speaking(requests)
    return replace(one, seconds=max(SHORTEST, one.seconds + seconds))


def end(requests: Iterable[Request], now: datetime) -> Request:
    return replace(_speaking(requests), state="done", ended_at=now)


def give_back(requests: Iterable[Request], request_id: int) -> Request:
    """A floor given by mistake: back to where it was in the queue."""
    one = next((r for r in requests if r.id == request_id), None)
    if one is None or one.state not in ("speaking", "done", "withdrawn"):
        raise Refusal("wrong_state", {"state": one.state if one else "none"})
    if any(r.person == one.person and r.id != one.id and r.state in ("waiting", "speaking") for r in requests):
        raise Refusal("already_asked")
    return replace(one, state="waiting", granted_at=None, ended_at=None, seconds=0)


def resume(requests: Iterable[Request], request_id: int, more: int = 0) -> Request:
    """A speech ended by mistake goes on, as if it had not been ended; `more` seconds for one that its time has ended."""
    requests = list(requests)
    one = next((r for r in requests if r.id == request_id and r.state == "done"), None)
    if one is None or speaking(requests) is not None:
        raise Refusal("wrong_state", {"state": "speaking" if one else "none"})
    return replace(one, state="speaking", ended_at=None, seconds=one.seconds + more)


def withdraw(requests: Iterable[Request], request_id: int, now: datetime) -> Request:
    return replace(_waiting(queue(requests), request_id), state="withdrawn", ended_at=now)


def _renumber(order: list[Request]) -> list[Request]:
    return [replace(r, position=n) for n, r in enumerate(order) if r.position != n]


def _waiting(order: list[Request], request_id: int) -> Request:
    one = next((r for r in order if r.id == request_id), None)
    if one is None:
        raise Refusal("not_found")
    return one


def _speaking(requests: Iterable[Request]) -> Request:
    one = speaking(requests)
    if one is None:
        raise Refusal("nobody_speaking")
    return one
