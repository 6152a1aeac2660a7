"""The papers worker, a process of its own: `python -m meetroom.documents.worker`.

It takes jobs, has their pages made in a confined process, keeps the images as blobs and reports them through its own
door; the web process reads the journal and tells everybody.
"""

import io
import signal
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from config.settings import Settings
from meetroom.access import Actor
from meetroom.documents import jobs, service
from meetroom.documents.rendering import Page, Renderer, Request, Unshowable
from meetroom.documents.schema import PageView, PaperState
from meetroom.documents.tables import Job, Paper
from meetroom.door import Door
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store, open_store

log = structlog.get_logger()
POLL = 0.2  # seconds between two looks for work
BEAT = 1.0  # seconds between two renewals of a job in hand
PAUSE = 5.0  # seconds before another try on a full disk
PAGES, SECONDS = 16, 0.7  # from one report of a paper to the next, at most
ATTEMPTS = 3  # a paper over which the worker itself died so often is given up
IMAGE_LIMIT = 64 << 20  # bytes


class Worker:
    """Does jobs, one `step` after the other."""

    def __init__(self, store: Store, blobs: Blobs, renderer: Renderer, page_limit: int) -> None:
        self.store, self.blobs, self.renderer, self.page_limit = store, blobs, renderer, page_limit
        self.door = Door(store, roles=meetings.roles)

    def run(self) -> None:
        """Work until the process is told to stop."""
        while True:
            try:
                while self.step():
                    pass
                time.sleep(POLL)
            except ConnectionError:  # the job is free again when its lease ends
                log.warning("the zygote died and is started again")
            except Refusal as no:
                log.error("papers wait", reason=no.code)
                time.sleep(PAUSE)

    def step(self) -> bool:
        """Take a job and bring it one report further; False when there is none."""
        with self.store.read() as session:
            if not jobs.waiting(session, now()):
                return False
        with self.store.write() as session:
            job = jobs.take(session, now())
        if job is None:
            return False
        try:
            done = self._prepare(job)
        except Unshowable as no:
            log.info("paper refused", **job.payload, reason=no.reason)
            self._report("paper.refuse", job, reason=no.reason)
            done = True
        except (Refusal, SystemExit):  # a full disk, or a stop: neither is the paper's fault
            self._update(jobs.give_back, job)
            raise
        self._update(jobs.finish if done else jobs.put_back, job)
        return True

    def _prepare(self, job: Job) -> bool:
        """Make and report the next pages; True when nothing is left to do. Raises Unshowable."""
        with self.store.read() as session:
            paper = session.get(Paper, job.payload["paper_id"])
            if paper is None or paper.version != job.payload["version"] or paper.state in (PaperState.READY, PaperState.REFUSED):
                return True
            pages = service.page_views(session, paper.id)
        if job.attempts > ATTEMPTS:
            raise Unshowable("damaged")
        most = 1 if job.kind == jobs.FIRST_PAGE else PAGES
        request = Request(first=len(pages), most=most, seconds=SECONDS, page_limit=self.page_limit)
        if not self.blobs.exists(paper.file):
            raise Unshowable("damaged")
        with self.blobs.open(paper.file) as file:
            batch = self.renderer.render(file, request, beat=lambda: self._update(jobs.renew, job, now()), every=BEAT)
        pages += [self._keep(page) for page in batch.pages]
        done = len(pages) == batch.page_count
        self._report("paper.report_pages", job, page_count=batch.page_count, pages=pages, done=done)
        return done

    def _keep(self, page: Page) -> PageView:
        sha256, size = self.blobs.put(io.BytesIO(page.image), IMAGE_LIMIT)
        return PageView(sha256=sha256, width=page.width, height=page.height, size=size)

    def _report(self, command: str, job: Job, **order: Any) -> None:
        """Tell the door. A paper that has been removed meanwhile needs no report."""
        try:
            self.door.perform(command, {**job.payload, **order}, actor=Actor(system="worker"), op_id=uuid.uuid4().hex)
        except Refusal as no:
            if no.code != "not_found":
                raise

    def _update(self, change: Callable[..., None], job: Job, *args: Any) -> None:
        with self.store.write() as session:
            change(session, job.id, *args)


def now() -> datetime:
    return datetime.now(UTC)


def stop(*_: object) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    sys.exit(0)


def main() -> None:
    settings = Settings.load()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    with Renderer() as renderer:
        Worker(open_store(settings.database), Blobs(settings.blobs), renderer, settings.upload_pages).run()


if __name__ == "__main__":
    main()
