"""Pure rules of the floor: one speaker, a queue whose order the chair may change, a point of order goes first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from meetroom.errors import Refusal


@dataclass(frozen=True)
class Request:
    id: int
    member_id: int
    kind: str
    state: str
    position: int
    granted_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int = 0


def queue(requests: Iterable[Request]) -> list[Request]:
    """Those who wait, in order."""
    return sorted((r for r in requests if r.state == "waiting"), key=lambda r: (r.position, r.id))


def speaking(requests: Iterable[Request]) -> Request | None:
    return next((r for r in requests if r.state == "speaking"), None)


def ask(requests: Iterable[Request], new: Request) -> list[Request]:
    """The queue's changes when `new` joins it: last, or behind the other points of order if it is one.

    Raises Refusal `already_asked` when the member waits or speaks already.
    """
    requests = list(requests)
    if any(r.member_id == new.member_id and r.state in ("waiting", "speaking") for r in requests):
        raise Refusal("already_asked")
    order = queue(requests)
    ahead = sum(r.kind == "point_of_order" for r in order) if new.kind == "point_of_order" else len(order)
    return [new, *_renumber([*order[:ahead], new, *order[ahead:]])]


def move(requests: Iterable[Request], request_id: int, index: int) -> list[Request]:
    """The requests that change when one of the queue is put at `index`."""
    order = queue(requests)
    one = _waiting(order, request_id)
    rest = [r for r in order if r.id != request_id]
    rest.insert(min(index, len(rest)), one)
    return _renumber(rest)


def grant(requests: Iterable[Request], request_id: int, seconds: int, now: datetime) -> list[Request]:
    """The floor goes to one who waits; whoever spoke until now is done."""
    requests = list(requests)
    one = _waiting(queue(requests), request_id)
    before = speaking(requests)
    done = [replace(before, state="done", ended_at=now)] if before else []
    return [*done, replace(one, state="speaking", granted_at=now, seconds=seconds)]


def extend(requests: Iterable[Request], seconds: int) -> Request:
    """More (or less) time for who speaks, at least ten seconds in all. Raises Refusal `nobody_speaking`."""
    one = _speaking(requests)
    return replace(one, seconds=max(10, one.seconds + seconds))


def end(requests: Iterable[Request], now: datetime) -> Request:
    return replace(_speaking(requests), state="done", ended_at=now)


def give_back(requests: Iterable[Request], request_id: int) -> Request:
    """A floor given by mistake: back to where it was in the queue."""
    one = next((r for r in requests if r.id == request_id), None)
    if one is None or one.state not in ("speaking", "done", "withdrawn"):
        raise Refusal("wrong_state", {"state": one.state if one else "none"})
    return replace(one, state="waiting", granted_at=None, ended_at=None, seconds=0)


def resume(requests: Iterable[Request], request_id: int) -> Request:
    """A speech ended by mistake goes on, as if it had not been ended."""
    requests = list(requests)
    one = next((r for r in requests if r.id == request_id and r.state == "done"), None)
    if one is None or speaking(requests) is not None:
        raise Refusal("wrong_state", {"state": "speaking" if one else "none"})
    return replace(one, state="speaking", ended_at=None)


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
