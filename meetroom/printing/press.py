"""The press, a process of its own: `python -m meetroom.printing.press`.

It takes printouts that were ordered, gathers their papers and ink, and has a confined child bind them. It reads no paper
itself, and works beside the papers worker, so that no first page waits for a long pack.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Self

import structlog
from sqlalchemy import or_, select

from config.settings import Settings
from meetroom.access import Actor
from meetroom.documents.rendering import PROJECT
from meetroom.door import Door
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.printing import gathering, service
from meetroom.printing.gathering import Part
from meetroom.printing.tables import PrintoutRow
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store, open_store

log = structlog.get_logger()
POLL = 0.5  # seconds between two looks for work
LEASE = timedelta(seconds=10)  # a printout taken so long ago without a sign of life is nobody's
BEAT = 3.0  # seconds between two signs of life
WALL = 120.0  # seconds for one paper, or for the end
ATTEMPTS = 2
SWEEP = 600.0  # seconds between two looks for what has lain there long enough
MOST_BYTES = 1 << 30


class Unbound(Exception):
    """It cannot be made; `reason` is a code: damaged, too_large, too_slow."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Child:
    """A confined process that binds one printout."""

    def __init__(self) -> None:
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "meetroom.printing.binding", str(theirs.fileno())],
                cwd=PROJECT,
                env={"LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()
        self.process.kill()
        self.process.wait()

    def do(self, what: bytes, order: dict[str, Any], file: BinaryIO, beat: Callable[[], None]) -> None:
        """Raises Unbound."""
        with os.fdopen(os.memfd_create("order"), "w+b") as text:
            text.write(json.dumps(order).encode())
            text.seek(0)
            until = time.monotonic() + WALL
            try:
                socket.send_fds(self.link, [what], [text.fileno(), file.fileno()])
                self.link.settimeout(BEAT)
                while True:
                    try:
                        answer = self.link.recv(64).decode()
                        break
                    except TimeoutError:
                        beat()
                        if time.monotonic() > until:
                            raise Unbound("too_slow") from None
            except ConnectionError:
                answer = ""
        if answer != "done":
            raise Unbound(answer or "damaged")


class Press:
    """Makes printouts, one `step` after the other."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self.store, self.blobs = store, blobs
        self.door = Door(store, roles=meetings.roles)
        self.swept = -SWEEP

    def run(self) -> None:
        while True:
            try:
                while self.step():
                    pass
                self.sweep()
            except Refusal as no:
                log.error("printouts wait", reason=no.code)
                time.sleep(10 * POLL)
            time.sleep(POLL)

    def step(self) -> bool:
        """Make one printout; False when none was ordered."""
        with self.store.read() as session:
            if session.scalar(self._free().limit(1)) is None:
                return False
        with self.store.write() as session:
            row = session.scalars(self._free().order_by(PrintoutRow.id).limit(1).with_for_update(skip_locked=True)).first()
            if row is None:
                return False
            row.taken_at, row.attempts = now(), row.attempts + 1
        try:
            if row.attempts > ATTEMPTS:
                raise Unbound("damaged")
            self._bind(row)
        except Unbound as no:
            log.info("printout failed", printout=row.id, reason=no.reason)
            self._report(row, done=row.done, total=row.total, reason=no.reason)
        return True

    def sweep(self) -> None:
        """Expire what nobody needs any more, and take the files of what is gone off the disk."""
        if time.monotonic() - self.swept < SWEEP:
            return
        self.swept = time.monotonic()
        with self.store.read() as session:
            rows = session.scalars(select(PrintoutRow).where(PrintoutRow.at < now() - service.KEPT, PrintoutRow.gone.is_(False)))
            for row in rows.all():
                self._perform("printout.expire", row)
        with self.store.write() as session:
            for row in session.scalars(select(PrintoutRow).where(PrintoutRow.gone, PrintoutRow.file.is_not(None))):
                if row.file is not None:
                    self.blobs.remove(row.file)
                row.file = None

    def _bind(self, row: PrintoutRow) -> None:
        with self.store.read() as session:
            order, parts = gathering.gather(session, row, now())
        with self.store.write() as session:
            found = session.get(PrintoutRow, row.id)
            if found is not None:
                found.papers = [[part.paper_id, part.version] for part in parts]
        with Child() as child, os.fdopen(os.memfd_create("printout"), "w+b") as out:
            for number, part in enumerate(parts, 1):
                self._part(child, row, part, order)
                self._report(row, done=number, total=len(parts))
            child.do(b"finish", order, out, lambda: self._beat(row))
            out.seek(0)
            sha256, size = self.blobs.put(out, MOST_BYTES)
        self._report(row, done=len(parts), total=len(parts), file=sha256, size=size)

    def _part(self, child: Child, row: PrintoutRow, part: Part, order: dict[str, Any]) -> None:
        """A paper as a PDF; where that does not go, as the images of its pages."""
        beat = lambda: self._beat(row)  # noqa: E731
        try:
            with self.blobs.open(part.file) as file:
                child.do(b"paper", part.order(), file, beat)
            return
        except Unbound as no:
            if no.reason != "damaged" or child.process.poll() is not None:
                raise
        except Refusal as no:
            log.warning("a paper's file is gone", paper=part.paper_id, reason=no.code)
        with os.fdopen(os.memfd_create("pages"), "w+b") as pages:
            sizes = []
            for image in part.images:
                with self.blobs.open(image) as page:
                    sizes.append(pages.write(page.read()))
            pages.seek(0)
            child.do(b"paper", part.order(sizes), pages, beat)

    def _beat(self, row: PrintoutRow) -> None:
        with self.store.write() as session:
            found = session.get(PrintoutRow, row.id)
            if found is not None:
                found.taken_at = now()

    def _free(self) -> Any:
        late = or_(PrintoutRow.taken_at.is_(None), PrintoutRow.taken_at < now() - LEASE)
        return select(PrintoutRow).where(PrintoutRow.state.in_(service.OPEN), PrintoutRow.gone.is_(False), late)

    def _report(self, row: PrintoutRow, **order: Any) -> None:
        self._beat(row)
        self._perform("printout.report", row, **order)

    def _perform(self, command: str, row: PrintoutRow, **order: Any) -> None:
        order = {"meeting_id": row.meeting_id, "printout_id": row.id, **order}
        try:
            self.door.perform(command, order, actor=Actor(system="press"), op_id=uuid.uuid4().hex)
        except Refusal as no:
            if no.code != "not_found":
                raise


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    settings = Settings.load()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    Press(open_store(settings.database), Blobs(settings.blobs)).run()


if __name__ == "__main__":
    main()
