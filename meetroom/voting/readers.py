"""Who may know of a vote: those who may know of its item. An elector is always one of them: no vote opens, and no
secret ballot is issued, before all who are to vote may see what it is about, and it is not closed to them while they vote."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import Viewer
from meetroom.agenda import readers
from meetroom.agenda.readers import People, Readers
from meetroom.door import Call
from meetroom.errors import Refusal
from meetroom.store.tables import all_of
from meetroom.voting.schema import VoteState
from meetroom.voting.tables import Elector, VoteRow
from meetroom.wire import Event

# (call, vote, readers as they are now, who could know of it before): higher nouns tell of what hangs on it.
when_readers_change: list[Callable[[Call, VoteRow, Readers, People], None]] = []


def known_to(session: Session, meeting_id: int, viewer: Viewer) -> list[VoteRow]:
    """The votes that the viewer may know of."""
    known = Readers(session, meeting_id)
    return [row for row in all_of(session, VoteRow, meeting_id) if known.allow(viewer, row.item_id)]


def expect_known(session: Session, viewer: Viewer, row: VoteRow) -> None:
    """Raises Refusal `not_found` to whom the vote's item is closed."""
    if not readers.may_see(session, viewer, row.item_id):
        raise Refusal("not_found")


def items_of(session: Session, votes: set[int]) -> set[int]:
    return set(session.scalars(select(VoteRow.item_id).where(VoteRow.id.in_(votes)))) if votes else set()


def electors(session: Session, row: VoteRow) -> set[int]:
    return set(session.scalars(select(Elector.person_id).where(Elector.vote_id == row.id)))


def expect_to_know(row: VoteRow, known: Readers, electors: set[int]) -> None:
    """Raises Refusal `item_closed_to_elector` if the item is closed to somebody who is to vote."""
    now = known.of(row.item_id)
    if now is not None and (shut_out := (electors & known.everybody) - now):
        raise Refusal("item_closed_to_elector", {"number": len(shut_out)})


def tell(
    call: Call,
    row: VoteRow,
    *,
    changed: Event,
    listed: Event,
    shown: Callable[[int], Event],
    hidden: Callable[[int], Event],
    known: Readers | None = None,
    was: People | str = "as now",
) -> None:
    """Tell of what hangs on a vote. `was`: who could know of it before."""
    known = known or Readers(call.session, row.meeting_id)
    now = known.of(row.item_id)
    everybody = frozenset() if now is None else known.everybody
    before = now if isinstance(was, str) else was
    readers.tell(call, everybody=everybody, was=before, now=now, changed=changed, listed=listed, shown=shown, hidden=hidden)


def tell_gone(call: Call, row: VoteRow, *, removed: Event, unlisted: Event, hidden: Callable[[int], Event]) -> None:
    """The same, of what is no more."""
    known = Readers(call.session, row.meeting_id)
    was = known.of(row.item_id)
    readers.tell_gone(call, was=was, removed=removed, unlisted=unlisted, hidden=hidden)


def follow(call: Call, meeting_id: int, before: Readers, after: Readers) -> None:
    """Items or members have changed. Raises Refusal `item_closed_to_elector` for what is being voted on."""
    for row in all_of(call.session, VoteRow, meeting_id):
        was = before.of(row.item_id)
        if was != after.of(row.item_id):
            if row.state == VoteState.OPEN:
                expect_to_know(row, after, electors(call.session, row))
            for hook in when_readers_change:
                hook(call, row, after, was)
