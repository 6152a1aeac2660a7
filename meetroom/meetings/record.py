"""Reading the journal of a meeting or of the house: by steps for people, whole for an inspector, verified on demand."""

import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement, not_, or_, select
from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import Actor, May, may
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import House, ok
from meetroom.journal import Entry, Stream
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import JournalCheck, JournalEvent, JournalPage, JournalStep, ReadJournal
from meetroom.meetings.tables import Member
from meetroom.people.tables import Person

SHOWN = 30  # events of one step that are shown
PAGE = 500  # entries between which others have their turn


def add_routes(routes: Blueprint, house: House) -> None:
    """Stream 0 is the house's. Refused: `not_found` to who is outside a meeting, `forbidden` to who may not read its journal."""

    @routes.get("/api/meetings/<int:stream>/journal")
    def journal_steps(stream: int) -> Response:
        """`?before=&limit=&commands=` → JournalPage."""
        ask = parse(ReadJournal, request.args.to_dict())
        expect_reader(stream)
        with house.store.read() as session:
            return ok(page(session, stream, ask).model_dump(mode="json"))

    @routes.get("/api/meetings/<int:stream>/journal.jsonl")
    def journal_file(stream: int) -> Response:
        """The whole journal, as `meetroom verify` takes it."""
        expect_reader(stream)
        response = Response(export(house, stream), mimetype="application/x-ndjson")
        response.headers["Content-Disposition"] = f"attachment; filename=journal-{stream}.jsonl"
        return response

    @routes.get("/api/meetings/<int:stream>/journal/verified")
    def journal_verified(stream: int) -> Response:
        """→ JournalCheck. Reads everything: a second for some ten thousand entries."""
        expect_reader(stream)
        return ok(verify(house, stream).model_dump(mode="json"))

    def expect_reader(stream: int) -> None:
        actor = house.actor()
        with house.store.read() as session:
            refuse_stranger(session, actor, stream)


def refuse_stranger(session: Session, actor: Actor, stream: int) -> None:
    if stream != journal.HOUSE:
        meetings.expect_may(session, actor, stream, May.READ_JOURNAL)
    elif not may(meetings.roles(session, actor, stream), May.MANAGE_HOUSE):
        raise Refusal("forbidden")


def page(session: Session, stream: int, ask: ReadJournal) -> JournalPage:
    """Entries of one command have the same moment, actor and name, and stand together."""
    query = select(Entry).where(Entry.stream == stream).order_by(Entry.seq.desc()).execution_options(yield_per=PAGE)
    if ask.before is not None:
        query = query.where(Entry.seq < ask.before)
    names = ask.commands.split(",") if ask.commands else []
    if wanted := [name for name in names if not name.startswith("-")]:
        query = query.where(_named(wanted))
    if unwanted := [name[1:] for name in names if name.startswith("-")]:
        query = query.where(not_(_named(unwanted)))
    steps: list[JournalStep] = []
    before = None
    for _, together in groupby(session.scalars(query), key=lambda entry: (entry.at, entry.actor, entry.command)):
        if len(steps) == ask.limit:
            before = steps[-1].events[0].seq
            break
        steps.append(_step(session, list(together)[::-1]))
    return JournalPage(steps=tuple(steps), members=_members(session, stream, steps), before=before)


def _named(beginnings: list[str]) -> ColumnElement[bool]:
    return or_(*(Entry.command.startswith(beginning, autoescape=True) for beginning in beginnings))


def _members(session: Session, stream: int, steps: Iterable[JournalStep]) -> dict[int, str]:
    nouns = (noun for step in steps for event in step.events for noun in event.body.values() if isinstance(noun, dict))
    ids = {noun["member_id"] for noun in nouns if noun.get("member_id")}
    query = select(Member.id, Member.full_name).where(Member.meeting_id == stream, Member.id.in_(ids))
    return {row.id: row.full_name for row in session.execute(query)}


def _step(session: Session, entries: list[Entry]) -> JournalStep:
    first = entries[0]
    kind, _, id = first.actor.partition(":")
    person = session.get(Person, int(id)) if kind == "person" and id.isdigit() else None
    return JournalStep(
        at=first.at,
        actor=first.actor,
        person=person.full_name if person is not None else "",
        command=first.command,
        counts=dict(Counter(entry.name for entry in entries)),
        events=tuple(
            JournalEvent(seq=e.seq, room=e.room, name=e.name, body=json.loads(e.body), hash=e.hash) for e in entries[:SHOWN]
        ),
    )


def export(house: House, stream: int, until: int | None = None) -> Iterator[str]:
    """The journal in pieces of whole lines, the first `until` entries or all. Nobody waits for it to end."""
    since = 0
    while until is None or since < until:
        piece = io.StringIO()
        limit = PAGE if until is None else min(PAGE, until - since)
        with house.store.read() as session:
            count = journal.export(session, stream, piece, since=since, limit=limit)
        if not count:
            return
        since += count
        yield piece.getvalue()
        time.sleep(0)


def verify(house: House, stream: int) -> JournalCheck:
    """Against the head as well: entries cut off at the end are missed."""
    with house.store.read() as session:
        head = session.get(Stream, stream)
        if head is None:
            raise Refusal("not_found")
    lines = (line for piece in export(house, stream, head.revision) for line in piece.split("\n")[:-1])
    try:
        count, last = journal.verify(lines)
    except journal.Broken as broken:
        return JournalCheck(entries=head.revision, head=head.head, broken=broken.line)
    whole = (count, last) == (head.revision, head.head)
    return JournalCheck(entries=count, head=last, broken=None if whole else count + 1)
