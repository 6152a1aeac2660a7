"""What the papers worker does with a job: one step after the other, each reported before the next begins.

A version goes through the stages of `jobs`: its first page, all pages, sharper images of them, a clean copy of the file for
readers, the words of what was scanned. What is no PDF, or one that only another program can read, is made one first.
"""

import io
import os
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import structlog
from sqlalchemy.orm import Session

from meetroom.access import Actor
from meetroom.documents import jobs, rules, service, versions  # noqa: F401  the service puts the worker's commands into the door
from meetroom.documents.programs import installed
from meetroom.documents.rendering import Batch, Page, Renderer, Request, Task, Unshowable, read_batch
from meetroom.documents.schema import Blob, ImageView, PageView, PaperState, TextLayer, TilesView, TocEntry
from meetroom.documents.tables import Job, Paper, PaperVersion
from meetroom.documents.text import text_read
from meetroom.door import Door
from meetroom.errors import Refusal
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store

log = structlog.get_logger()
POLL = 0.2  # seconds between two looks for work
BEAT = 1.0  # seconds between two renewals of a job in hand
PAUSE = 5.0  # seconds before another try on a full disk
PAGES, SECONDS = 16, 0.7  # from one report of a paper to the next, at most
AT_ONCE = 4  # larger images
MANIFEST, LATER_MANIFEST = 2.0, 20.0  # seconds between two manifests while pages are made, and while they get better
ATTEMPTS = 3  # a step over which the worker itself died so often is given up
FILE_LIMIT = 256 << 20  # bytes


class Stopping(Exception):
    """The process was told to end."""


@dataclass(frozen=True)
class Left:
    """What is left of a job after a step: a stage and the page (counted from 0) at which it goes on."""

    stage: str
    page: int = 0
    slow: bool = False


class Lane:
    """Does jobs, one `step` after the other, until `stop` is set. Every step is tried with little time at first; what needs more
    is marked `slow`, and a `quick` lane leaves it alone."""

    def __init__(
        self,
        store: Store,
        door: Door,
        blobs: Blobs,
        renderer: Renderer,
        page_limit: int,
        *,
        quick: bool,
        stop: threading.Event,
        manifests: dict[tuple[int, int], float],
    ) -> None:
        self.store, self.door, self.blobs, self.renderer, self.page_limit = store, door, blobs, renderer, page_limit
        self.quick, self.stop = quick, stop
        self.manifests = manifests  # when the last one of a paper and version was made, by whichever lane

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                if not self.step():
                    self.stop.wait(POLL)
            except ConnectionError:  # the job is free again when its lease ends
                log.warning("the zygote died and is started again")
            except Refusal as no:
                log.error("papers wait", reason=no.code)
                self.stop.wait(PAUSE)
            except Stopping:
                return

    def step(self) -> bool:
        """Take a job and bring it one report further; False when there is none."""
        with self.store.read() as session:
            if not jobs.waiting(session, now(), quick=self.quick):
                return False
        with self.store.write() as session:
            job = jobs.take(session, now(), quick=self.quick)
        if job is None:
            return False
        try:
            left = self._work(job)
        except Unshowable as no:
            log.info("paper refused", **job.payload, reason=no.reason)
            self._report("paper.refuse", job, reason="damaged" if no.reason == "broken" else no.reason)
            left = None
        except (Refusal, Stopping):  # a full disk, or a stop: neither is the paper's fault
            self._update(jobs.give_back, job)
            raise
        if left is None:
            self._update(jobs.finish, job)
        else:
            self._update(jobs.put_back, job, left.stage, left.page, slow=left.slow)
        return True

    def _work(self, job: Job) -> Left | None:
        """One step; returns what is left. Raises Unshowable: only a paper that people can see in no way is refused."""
        with self.store.read() as session:
            version = session.get(PaperVersion, (job.payload["paper_id"], job.payload["version"]))
            if version is None or not _wanted(session, version):
                return None
            pages = versions.page_views(session, version.paper_id, version.number)
        given_up = job.attempts > ATTEMPTS
        stage = {jobs.LARGE: self._sharpen, jobs.COPY: self._copy, jobs.OCR: self._read_scans}.get(job.kind)
        try:
            if stage is not None:
                return _skipped(job, version) if given_up else stage(job, version, pages)
            if given_up:
                raise Unshowable("damaged")
            return self._show(job, version)
        except Unshowable as no:
            if not job.slow and no.reason in ("too_slow", "broken"):  # later, with more time, or with another program
                return Left(job.kind, job.page, slow=True)
            if stage is None:
                raise
            log.info("left out", **job.payload, stage=job.kind, page=job.page, reason=no.reason)
            return _skipped(job, version)

    # --- the stages ---

    def _show(self, job: Job, version: PaperVersion) -> Left | None:
        """Pages as tablets show them first."""
        if version.state == PaperState.READY:
            return Left(jobs.LARGE)
        source = version.pdf or self._converted(job, version)
        request = self._request(job, "pages", version.ready, 1 if job.kind == jobs.FIRST_PAGE else PAGES)
        try:
            batch = self._pages_of(source, request, job)
        except Unshowable as no:
            if no.reason != "broken" or version.pdf is not None or not (job.slow and installed("redraw")):
                raise
            source = self._made("redraw", version.file, job)
            batch = self._pages_of(source, request, job)
        pages, texts = self._kept(batch)
        ready = version.ready + len(pages)
        done = ready == batch.page_count
        self._tell(job, version, version.ready, pages, texts=texts, page_count=batch.page_count, toc=batch.toc, done=done)
        return Left(jobs.LARGE) if done else Left(jobs.PAGES, slow=job.slow and job.kind == jobs.PAGES)

    def _sharpen(self, job: Job, version: PaperVersion, pages: list[PageView]) -> Left:
        """A larger image of every page, or tiles of it."""
        source = version.pdf or version.file
        try:
            batch = self._pages_of(source, self._request(job, "large", job.page, AT_ONCE), job)
        except Unshowable:
            if not job.slow:
                raise
            batch = self._pages_of(source, self._request(job, "large", job.page), job)  # it may have been one of the others
        better = [old.model_copy(update=self._sharper(page)) for old, page in zip(pages[job.page :], batch.pages, strict=False)]
        end = job.page + len(better)
        self._tell(job, version, job.page, better, done=True, last=end >= version.page_count)
        return Left(jobs.LARGE, end, job.slow) if end < version.page_count else Left(jobs.COPY)

    def _copy(self, job: Job, version: PaperVersion, _pages: list[PageView]) -> Left:
        """The file without what does not belong into a paper. What was converted is such a file."""
        if version.pdf is None:
            self._made("copy", version.file, job)
        return Left(jobs.OCR)

    def _read_scans(self, job: Job, version: PaperVersion, pages: list[PageView]) -> Left | None:
        """The words of pages that are pictures."""
        if job.page >= version.page_count or not installed("ocr"):
            return None
        if not job.slow:
            return Left(jobs.OCR, job.page, slow=True)
        batch = self._pages_of(version.pdf or version.file, self._request(job, "scan", job.page, PAGES, 0.1), job)
        for number, page in enumerate(batch.pages, job.page):
            text = self._recognised(page, job)
            if text is not None:
                better = pages[number].model_copy(update={"text": self._layer(text)})
                last = number + 1 == version.page_count
                self._tell(job, version, number, [better], texts=[_words(text)], done=True, last=last)
        end = job.page + len(batch.pages)
        if end < version.page_count:
            return Left(jobs.OCR, end, slow=True)
        self._tell(job, version, 0, [], done=True, last=True)
        return None

    # --- what they are made of ---

    def _converted(self, job: Job, version: PaperVersion) -> str:
        """The blob that holds the paper as a PDF. Raises Unshowable."""
        if not self.blobs.exists(version.file):
            raise Unshowable("damaged")
        with self.blobs.open(version.file) as file:
            kind = rules.kind_of(file.read(rules.HEADER_WITHIN))
        if kind is None:
            raise Unshowable("not_a_paper")
        if kind == "pdf":
            return version.file
        if kind == "office":
            if not installed("office"):
                raise Unshowable("needs_office")
            if not job.slow:
                raise Unshowable("too_slow")
        return self._made("office" if kind == "office" else "picture", version.file, job)

    def _made(self, task: Task, source: str, job: Job) -> str:
        """Have a PDF made of a blob, and keep it as the version's. Raises Unshowable."""
        with self._worked(source, self._request(job, task), job) as output:
            sha256, size = self.blobs.put(output, FILE_LIMIT)
        self._report("paper.report_copy", job, pdf={"sha256": sha256, "size": size})
        return sha256

    def _recognised(self, page: Page, job: Job) -> TextLayer | None:
        """Raises Unshowable."""
        if not page.images:
            return None
        with os.fdopen(os.memfd_create("scan"), "w+b") as picture:
            picture.write(page.images[0])
            picture.seek(0)
            with self.renderer.work(picture, self._request(job, "ocr"), beat=self._beat(job), every=BEAT) as output:
                found = text_read(output.read().decode("utf-8", "replace"), page.said.width, page.said.height)
        return TextLayer.model_validate(found) if found else None

    def _pages_of(self, source: str, request: Request, job: Job) -> Batch:
        with self._worked(source, request, job) as output:
            return read_batch(output, request)

    def _worked(self, source: str, request: Request, job: Job) -> BinaryIO:
        if not self.blobs.exists(source):
            raise Unshowable("damaged")
        with self.blobs.open(source) as file:
            return self.renderer.work(file, request, beat=self._beat(job), every=BEAT)

    def _request(self, job: Job, task: Task, first: int = 0, most: int = 1, seconds: float = SECONDS) -> Request:
        return Request(task, self.page_limit, first=first, most=most, seconds=seconds, quick=not job.slow)

    def _kept(self, batch: Batch) -> tuple[list[PageView], list[str]]:
        views, texts = [], []
        for page in batch.pages:
            text = page.said.text
            image = self._image(page.images[0], page.said.width, page.said.height)
            views.append(PageView(image=image, text=self._layer(text) if text else None, links=page.said.links))
            texts.append(_words(text) if text else "")
        return views, texts

    def _sharper(self, page: Page) -> dict[str, Any]:
        said = page.said
        if said.edge == 0:
            return {"large": self._image(page.images[0], said.width, said.height)}
        images = tuple(self._blob(image) for image in page.images)
        return {"tiles": TilesView(**said.model_dump(include={"columns", "rows", "edge", "width", "height"}), images=images)}

    def _layer(self, text: TextLayer) -> Blob:
        return self._blob(zlib.compress(text.model_dump_json().encode(), 9))

    def _image(self, data: bytes, width: int, height: int) -> ImageView:
        return ImageView(**self._blob(data).model_dump(), width=width, height=height)

    def _blob(self, data: bytes) -> Blob:
        sha256, size = self.blobs.put(io.BytesIO(data), FILE_LIMIT)
        return Blob(sha256=sha256, size=size)

    # --- what is said about it ---

    def _tell(
        self,
        job: Job,
        version: PaperVersion,
        first: int,
        pages: Sequence[PageView],
        *,
        texts: Sequence[str] = (),
        page_count: int | None = None,
        toc: tuple[TocEntry, ...] | None = None,
        done: bool,
        last: bool = False,
    ) -> None:
        """Report pages from `first` (counted from 0) on, with a manifest at first, at the end, and now and then between."""
        count = page_count or version.page_count
        spread = MANIFEST if toc is not None else LATER_MANIFEST
        made = self.manifests.get((version.paper_id, version.number), 0.0)
        manifest = None
        if last or (done and toc is not None) or version.manifest is None or time.monotonic() - made > spread:
            self.manifests[version.paper_id, version.number] = time.monotonic()
            with self.store.read() as session:
                whole = versions.manifest(session, version, dict(enumerate(pages, first + 1)), count, toc)
            manifest = self._blob(whole.model_dump_json().encode())
        order = {"page_count": count, "toc": toc, "manifest": manifest, "done": done}
        self._report("paper.report_pages", job, first=first + 1, pages=pages, texts=texts, **order)

    def _report(self, command: str, job: Job, **order: Any) -> None:
        """Tell the door. A paper that has been removed meanwhile needs no report."""
        try:
            self.door.perform(command, {**job.payload, **order}, actor=Actor(system="worker"), op_id=uuid.uuid4().hex)
        except Refusal as no:
            if no.code != "not_found":
                raise

    def _beat(self, job: Job) -> Callable[[], None]:
        def beat() -> None:
            if self.stop.is_set():
                raise Stopping
            self._update(jobs.renew, job, now())

        return beat

    def _update(self, change: Callable[..., None], job: Job, *args: Any, **more: Any) -> None:
        with self.store.write() as session:
            change(session, job.id, *args, **more)


def _wanted(session: Session, version: PaperVersion) -> bool:
    paper = session.get(Paper, version.paper_id)
    return paper is not None and paper.version == version.number and version.state != PaperState.REFUSED


def _skipped(job: Job, version: PaperVersion) -> Left | None:
    """Go on after what cannot be done: papers are read without it."""
    if job.kind in (jobs.LARGE, jobs.OCR) and job.page + 1 < version.page_count:
        return Left(job.kind, job.page + 1, job.slow)
    return {jobs.LARGE: Left(jobs.COPY), jobs.COPY: Left(jobs.OCR)}.get(job.kind)


def _words(text: TextLayer) -> str:
    return " ".join(word for line in text.lines for _, _, word in line.words)


def now() -> datetime:
    return datetime.now(UTC)
