"""The one door: every change is a named command that passes here, whether it came over HTTP, a socket or from a worker.

validate → lock the stream → seen this op_id before? → authorise → run → journal → commit → publish.
"""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import JSON, event, insert, select, tuple_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from meetroom import journal
from meetroom.access import Actor, May, may
from meetroom.errors import Refusal
from meetroom.store.engine import Store
from meetroom.store.tables import Table
from meetroom.wire import Audience, Event, Id, Moment, Order, ShortLine, View, Wire

log = structlog.get_logger()
Model = TypeVar("Model", bound=BaseModel)
Answer = dict[str, Any]
OP_ID_LENGTH = 64
BATCH = 64  # commands that share one commit at most


class StepView(View):
    """The newest step that can be undone (`id` = the meeting). `command` null: nothing to undo.

    `label` says what the step was about in the noun's own words, a name or a title; `person_id` who did it.
    """

    command: str | None
    label: ShortLine
    person_id: Id | None
    at: Moment | None


class StepChanged(Event, name="step.changed", audience=Audience.SECRETARIES):
    step: StepView


@dataclass
class Call:
    """One command on its way: who, when, in which stream; what it tells and how it can be undone."""

    session: Session
    actor: Actor
    roles: frozenset[str]
    now: datetime
    stream: int
    command: str
    told: list[tuple[int, Event]] = field(default_factory=list)
    inverse: dict[str, Any] | None = None

    def tell(self, event: Event, stream: int | None = None) -> None:
        """Say what happened; it is journalled with this transaction and published after it."""
        self.told.append((self.stream if stream is None else stream, event))

    def undo_by(self, command: str, label: str, **order: Any) -> None:
        """This step can be taken back by that command. `label` says what the step was about, in the noun's words."""
        self.inverse = {"command": command, "order": order, "label": label[:80]}

    def may(self, what: May) -> bool:
        return may(self.roles, what)

    @property
    def person_id(self) -> int:
        """The acting person; the system's own processes have none and are refused."""
        if self.actor.person_id is None:
            raise Refusal("forbidden")
        return self.actor.person_id


Runner = Callable[[Call, Any], BaseModel | None]
R = TypeVar("R", bound=Runner)


@dataclass(frozen=True)
class Command:
    name: str
    may: May
    order: type[Order]
    run: Runner


COMMANDS: dict[str, Command] = {}


def command(name: str, *, may: May) -> Callable[[R], R]:
    """Put a service function into the door under `name`. The annotation of its parameter `order` is the schema."""

    def register(run: R) -> R:
        order = run.__annotations__["order"]
        assert name not in COMMANDS and issubclass(order, Order)
        COMMANDS[name] = Command(name, may, order, run)
        return run

    return register


class Operation(Table):
    """An accepted command: its answer for repeats of the same op_id, and how to take it back."""

    __tablename__ = "operations"
    actor: Mapped[str] = mapped_column(primary_key=True)
    op_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[int] = mapped_column(index=True)
    revision: Mapped[int]
    command: Mapped[str]
    digest: Mapped[str]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    inverse: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undone: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


RolesOf = Callable[[Session, Actor, int], frozenset[str]]
Publish = Callable[[int, list[journal.Entry]], None]
Watch = Callable[[str, float, str], None]


class Door:
    """`roles(session, actor, stream)` reads an actor's roles from the database. Whoever sets `publish` is told of what
    was committed, in order; a process that nobody listens to leaves it (the web process finds its entries). `watch` is told
    of every command: its name, the seconds it took, and `ok` or the code of the refusal."""

    def __init__(self, store: Store, *, roles: RolesOf, clock: Callable[[], datetime] | None = None) -> None:
        self.store, self.roles = store, roles
        self.publish: Publish = lambda stream, entries: None
        self.watch: Watch = lambda name, seconds, outcome: None
        self.clock = clock or (lambda: datetime.now(UTC))
        self.lanes: dict[int, Lane] = {}

    def perform(self, name: str, order: Any, *, actor: Actor, op_id: str) -> Answer:
        """Carry out one command. Returns `{"ok": True, "result": …}`, which is on disk by then; raises Refusal."""
        began, outcome = time.monotonic(), "internal"
        try:
            answer = self._perform(name, order, actor, op_id)
            outcome = "ok"
        except Refusal as no:
            outcome = no.code
            raise
        finally:
            self.watch(name, time.monotonic() - began, outcome)
        return answer

    def _perform(self, name: str, order: Any, actor: Actor, op_id: str) -> Answer:
        spec = COMMANDS.get(name)
        if spec is None:
            raise Refusal("unknown_command")
        if not isinstance(op_id, str) or not 8 <= len(op_id) <= OP_ID_LENGTH:
            raise Refusal("invalid", [{"field": "op_id", "problem": "string_length"}])
        ticket = Ticket(spec, parse(spec.order, order), actor, op_id)
        lane = self.lanes.setdefault(self.store.lane(ticket.stream), Lane(self))
        return lane.submit(ticket)

    def answer(self, name: Any, order: Any, *, actor: Actor, op_id: Any) -> tuple[Answer, int]:
        """`perform`, with every outcome as the answer that goes on the wire, and its HTTP status."""
        try:
            return self.perform(str(name), order, actor=actor, op_id=op_id), 200
        except Refusal as no:
            return no.answer(), no.status
        except Exception:
            log.exception("command failed", command=name)
            return Refusal("internal").answer(), 500

    def carry_out(self, ticket: "Ticket", batch: "Batch") -> Answer:
        """One command within its batch's transaction; raises Refusal."""
        spec, actor, stream, now = ticket.spec, ticket.actor, ticket.stream, self.clock()
        batch.lock(stream)
        roles = self.roles(batch.session, actor, stream)
        if not may(roles, spec.may):  # who is outside learns nothing, not even that the meeting exists
            raise Refusal("forbidden" if roles or stream == journal.HOUSE else "not_found")
        before = batch.operations.get(ticket.key)
        if before is not None:
            if before.digest != ticket.digest:
                raise Refusal("op_reused")
            return {"ok": True, "result": before.result}
        call = Call(batch.session, actor, roles, now, stream, spec.name)
        result = spec.run(call, ticket.order)
        answer = result.model_dump(mode="json", by_alias=True) if result is not None else None
        once = result.told_once if isinstance(result, Wire) else frozenset()
        operation = Operation(
            actor=actor.key,
            op_id=ticket.op_id,
            stream=stream,
            command=spec.name,
            digest=ticket.digest,
            result={name: None if name in once else value for name, value in answer.items()} if answer is not None else None,
            inverse=call.inverse,
            undone=False,
            at=now,
        )
        if call.inverse is not None:
            call.tell(StepChanged(step=step(stream, operation)))
        batch.write(call)
        operation.revision = batch.heads[stream].revision
        batch.operations[ticket.key] = operation
        batch.fresh_operations.append(operation)
        return {"ok": True, "result": answer}


class Ticket:
    """One command waiting in a lane for its turn and its commit."""

    def __init__(self, spec: Command, order: Order, actor: Actor, op_id: str) -> None:
        self.spec, self.order, self.actor, self.op_id = spec, order, actor, op_id
        self.stream: int = getattr(order, "meeting_id", journal.HOUSE)
        self.key = (actor.key, op_id)
        self.digest = hashlib.sha256(f"{spec.name}\n{order.model_dump_json()}".encode()).hexdigest()
        self.done = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def result(self) -> Answer:
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


class Lane:
    """Commands that wait for the same lock share one commit, a savepoint each: 500 ballots cost a few fsyncs.

    Whoever gets the lane's lock leads: it runs everything that waits, in order of arrival, commits once, publishes,
    and the others find their answer. Nothing in a transaction yields to other greenlets.
    """

    def __init__(self, door: Door) -> None:
        self.door = door
        self.waiting: deque[Ticket] = deque()
        self.lock = threading.Lock()

    def submit(self, ticket: Ticket) -> Answer:
        self.waiting.append(ticket)
        while not ticket.done:
            with self.lock:
                if not ticket.done:
                    time.sleep(0)  # let those who have arrived join this batch
                    self._lead([self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))])
        return ticket.result()

    def _lead(self, tickets: list[Ticket]) -> None:
        entries: list[journal.Entry] = []
        try:
            with self.door.store.write() as session:
                batch = Batch(session, tickets)
                for ticket in tickets:
                    self._run(ticket, batch)
                batch.store()
            entries = batch.entries
        except BaseException as error:
            failure = Refusal("disk_full") if _disk_full(error) else error
            for ticket in tickets:  # nothing of the batch is on disk
                ticket.answer, ticket.error = None, ticket.error or failure
        finally:
            for ticket in tickets:
                ticket.done = True
        for stream in dict.fromkeys(entry.stream for entry in entries):
            self.door.publish(stream, [entry for entry in entries if entry.stream == stream])

    def _run(self, ticket: Ticket, batch: "Batch") -> None:
        mark = batch.mark()
        try:
            with batch.session.begin_nested():
                ticket.answer = self.door.carry_out(ticket, batch)
        except OperationalError:
            raise  # the database itself failed: the whole batch did
        except Exception as error:
            batch.reset(mark)
            ticket.error = error


def _disk_full(error: BaseException) -> bool:
    """SQLITE_FULL, or PostgreSQL's class 53 (insufficient resources), code 53100."""
    origin = error.orig if isinstance(error, OperationalError) else None
    return getattr(origin, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(origin, "sqlstate", "") == "53100"


@dataclass
class Head:
    """Where a stream is: the number and the hash of its newest entry."""

    revision: int
    hash: str


class Batch:
    """Commands that share one transaction: the heads of the streams they locked, and what they journal, which goes to
    the database in one statement per table at the end."""

    def __init__(self, session: Session, tickets: list[Ticket]) -> None:
        self.session = session
        self.heads: dict[int, Head] = {}
        self.entries: list[journal.Entry] = []
        self.fresh_operations: list[Operation] = []
        self.stored = (0, 0)  # how many of the entries and operations are in the database
        self.kept: list[object] = []  # the session forgets rows that nobody holds; the next command needs them again
        event.listen(session, "loaded_as_persistent", lambda _session, row: self.kept.append(row))
        session.info["batch"] = self
        keys = [ticket.key for ticket in tickets]
        seen = session.scalars(select(Operation).where(tuple_(Operation.actor, Operation.op_id).in_(keys)))
        self.operations = {(one.actor, one.op_id): one for one in seen}

    def lock(self, stream: int) -> None:
        """Take a stream's lock until the commit (on SQLite the writer's lock is held already)."""
        if stream not in self.heads:
            query = select(journal.Stream.revision, journal.Stream.head).where(journal.Stream.id == stream).with_for_update()
            row = self.session.execute(query).first()
            if row is None:
                raise Refusal("not_found")
            self.heads[stream] = Head(*row)

    def write(self, call: Call) -> None:
        """Number and chain what a call has told, in order, each event in its stream."""
        for stream, told in call.told:
            self.lock(stream)
            head = self.heads[stream]
            place = journal.Place(stream, head.revision + 1, head.hash)
            entry = journal.entry(told, place, at=call.now, actor=call.actor.key, command=call.command)
            self.entries.append(entry)
            self.heads[stream] = Head(entry.seq, entry.hash)

    def mark(self) -> tuple[dict[int, Head], int, int]:
        return dict(self.heads), len(self.entries), len(self.fresh_operations)

    def reset(self, mark: tuple[dict[int, Head], int, int]) -> None:
        """Forget what a command did that was refused."""
        self.heads, entries, operations = mark
        for operation in self.fresh_operations[operations:]:
            del self.operations[operation.actor, operation.op_id]
        del self.entries[entries:], self.fresh_operations[operations:]

    def store(self) -> None:
        """Put everything into the database that is not there yet."""
        entries, operations = self.entries[self.stored[0] :], self.fresh_operations[self.stored[1] :]
        self.stored = (len(self.entries), len(self.fresh_operations))
        for table, rows in ((journal.Entry, entries), (Operation, operations)):
            if rows:
                columns = [column.key for column in table.__table__.columns]
                self.session.execute(insert(table), [{name: getattr(row, name) for name in columns} for row in rows])
        for stream, head in self.heads.items():
            values = {"revision": head.revision, "head": head.hash}
            self.session.execute(update(journal.Stream).where(journal.Stream.id == stream).values(values))


def parse(schema: type[Model], order: Any) -> Model:
    """The order as its schema has it. Raises Refusal `invalid` with the fields and what is wrong with each."""
    try:
        return schema.model_validate(order)
    except ValidationError as error:
        problems = [{"field": ".".join(map(str, e["loc"])), "problem": e["type"]} for e in error.errors()[:20]]
        raise Refusal("invalid", problems) from None


def undoable(session: Session, stream: int) -> Operation | None:
    """The newest step of a stream that can be taken back and has not been."""
    if batch := session.info.get("batch"):
        batch.store()  # it may be one of this very batch
    query = select(Operation).where(Operation.stream == stream, Operation.inverse.is_not(None), Operation.undone.is_(False))
    return session.scalars(query.order_by(Operation.revision.desc()).limit(1)).first()


def step(stream: int, operation: Operation | None) -> StepView:
    """What "undo" would take back, for those who run the meeting."""
    if operation is None or operation.inverse is None:
        return StepView(id=stream, command=None, label="", person_id=None, at=None)
    person = operation.actor.removeprefix("person:")
    return StepView(
        id=stream,
        command=operation.command,
        label=operation.inverse["label"],
        person_id=int(person) if person.isdigit() else None,
        at=operation.at,
    )
