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
from sqlalchemy.orm import Session

from config.settings import Settings
from meetroom.access import Actor
from meetroom.documents import jobs, service, versions  # noqa: F401  the service puts the worker's commands into the door
from meetroom.documents.rendering import Page, Renderer, Request, Unshowable
from meetroom.documents.schema import Blob, ImageView, PageView, PaperState
from meetroom.documents.tables import Job, Paper, PaperVersion
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
MANIFEST = 2.0  # seconds between two manifests of a paper that is being made
ATTEMPTS = 3  # a paper over which the worker itself died so often is given up
IMAGE_LIMIT = 64 << 20  # bytes


class Worker:
    """Does jobs, one `step` after the other."""

    def __init__(self, store: Store, blobs: Blobs, renderer: Renderer, page_limit: int) -> None:
        self.store, self.blobs, self.renderer, self.page_limit = store, blobs, renderer, page_limit
        self.door = Door(store, roles=meetings.roles)
        self.manifests: dict[tuple[int, int], float] = {}  # when the last one of a paper and version was made

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
            done = self._done(job)
            self._update(jobs.finish if done else jobs.put_back, job)
        except (Refusal, SystemExit):  # a full disk, or a stop: neither is the paper's fault
            self._update(jobs.give_back, job)
            raise
        return True

    def _done(self, job: Job) -> bool:
        try:
            return self._prepare(job)
        except Unshowable as no:
            log.info("paper refused", **job.payload, reason=no.reason)
            self._report("paper.refuse", job, reason=no.reason)
            return True

    def _prepare(self, job: Job) -> bool:
        """Make and report the next pages; True when nothing is left to do. Raises Unshowable."""
        with self.store.read() as session:
            version = session.get(PaperVersion, (job.payload["paper_id"], job.payload["version"]))
            if version is None or not self._wanted(session, version):
                return True
        if job.attempts > ATTEMPTS:
            raise Unshowable("damaged")
        most = 1 if job.kind == jobs.FIRST_PAGE else PAGES
        request = Request(first=version.ready, most=most, seconds=SECONDS, page_limit=self.page_limit)
        if not self.blobs.exists(version.file):
            raise Unshowable("damaged")
        with self.blobs.open(version.file) as file:
            batch = self.renderer.render(file, request, beat=lambda: self._update(jobs.renew, job, now()), every=BEAT)
        pages = [self._keep(page) for page in batch.pages]
        done = version.ready + len(pages) == batch.page_count
        report = {"first": version.ready + 1, "page_count": batch.page_count, "pages": pages, "done": done}
        self._report("paper.report_pages", job, **report, manifest=self._manifest(version, pages, batch.page_count, done))
        return done

    def _wanted(self, session: Session, version: PaperVersion) -> bool:
        paper = session.get(Paper, version.paper_id)
        finished = version.state in (PaperState.READY, PaperState.REFUSED)
        return paper is not None and paper.version == version.number and not finished

    def _keep(self, page: Page) -> PageView:
        sha256, size = self.blobs.put(io.BytesIO(page.image), IMAGE_LIMIT)
        return PageView(image=ImageView(sha256=sha256, width=page.width, height=page.height, size=size))

    def _manifest(self, version: PaperVersion, pages: list[PageView], page_count: int, done: bool) -> Blob | None:
        """The version's pages with these among them, as a blob: at first, at the end, and now and then between."""
        last = self.manifests.get((version.paper_id, version.number), 0.0)
        if not done and version.manifest is not None and time.monotonic() - last < MANIFEST:
            return None
        self.manifests = {(version.paper_id, version.number): time.monotonic()}
        more = dict(enumerate(pages, version.ready + 1))
        with self.store.read() as session:
            text = versions.manifest(session, version, more, page_count, None).model_dump_json()
        sha256, size = self.blobs.put(io.BytesIO(text.encode()), IMAGE_LIMIT)
        return Blob(sha256=sha256, size=size)

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
