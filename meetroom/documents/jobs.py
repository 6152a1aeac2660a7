"""The queue of work for the papers worker: a table, so that it outlives every process.

A job is a version of a paper on its way through the stages. It is taken for a few seconds and the taking renewed while the work
lasts. A worker that dies renews nothing, and another takes the job over. Doing a step twice does no harm.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from meetroom.documents.tables import Job

LEASE = timedelta(seconds=4)  # a taken job that was not renewed for so long is nobody's

# The stages, in the order of urgency as well: the first page of every paper before any second.
FIRST_PAGE, PAGES, LARGE, COPY, OCR = STAGES = ("first_page", "pages", "large", "copy", "ocr")


def waiting(session: Session, now: datetime, *, quick: bool = False) -> bool:
    """Whether there is anything to take."""
    return session.scalar(select(Job.id).where(*_free(now, quick)).limit(1)) is not None


def take(session: Session, now: datetime, *, quick: bool = False) -> Job | None:
    """Take the most urgent job that is nobody's; `quick`: none that is known to be slow. On PostgreSQL workers step over each
    other's; SQLite has one writer."""
    urgency = case({stage: place for place, stage in enumerate(STAGES)}, value=Job.kind, else_=len(STAGES))
    query = select(Job).where(*_free(now, quick)).order_by(urgency, Job.slow, Job.id).limit(1)
    job = session.scalars(query.with_for_update(skip_locked=True)).first()
    if job is not None:
        job.taken_at, job.attempts = now, job.attempts + 1
    return job


def renew(session: Session, job_id: int, now: datetime) -> None:
    """It is still being worked on."""
    if (job := session.get(Job, job_id)) is not None:
        job.taken_at = now


def put_back(session: Session, job_id: int, stage: str, page: int = 0, *, slow: bool = False) -> None:
    """It got further, up to `page` (counted from 0) of a stage, or is known to be `slow` now."""
    if (job := session.get(Job, job_id)) is not None:
        job.kind, job.page, job.slow, job.taken_at, job.attempts = stage, page, slow, None, 0


def give_back(session: Session, job_id: int) -> None:
    """It could not be worked on just now, which is no fault of its own."""
    if (job := session.get(Job, job_id)) is not None:
        job.taken_at, job.attempts = None, job.attempts - 1


def finish(session: Session, job_id: int) -> None:
    if (job := session.get(Job, job_id)) is not None:
        session.delete(job)


def _free(now: datetime, quick: bool) -> list[ColumnElement[bool]]:
    free = or_(Job.taken_at.is_(None), Job.taken_at < now - LEASE)
    return [free, Job.slow.is_(False)] if quick else [free]
