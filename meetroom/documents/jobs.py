"""The queue of work for the papers worker: a table, so that it outlives every process.

A job is taken for a few seconds and the taking renewed while the work lasts. A worker that dies renews nothing, and
another takes the job over. Doing a job twice does no harm.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from meetroom.documents.tables import Job

LEASE = timedelta(seconds=4)  # a taken job that was not renewed for so long is nobody's
FIRST_PAGE, OTHER_PAGES = "first_page", "other_pages"  # in this order: the first page of every paper before any second


def waiting(session: Session, now: datetime) -> bool:
    """Whether there is anything to take."""
    return session.scalar(select(Job.id).where(_free(now)).limit(1)) is not None


def take(session: Session, now: datetime) -> Job | None:
    """Take the most urgent job that is nobody's. On PostgreSQL workers step over each other's; SQLite has one writer."""
    query = select(Job).where(_free(now)).order_by(Job.kind != FIRST_PAGE, Job.id).limit(1)
    job = session.scalars(query.with_for_update(skip_locked=True)).first()
    if job is not None:
        job.taken_at, job.attempts = now, job.attempts + 1
    return job


def renew(session: Session, job_id: int, now: datetime) -> None:
    """It is still being worked on."""
    if (job := session.get(Job, job_id)) is not None:
        job.taken_at = now


def put_back(session: Session, job_id: int) -> None:
    """It got further: the first page is there, others are left."""
    if (job := session.get(Job, job_id)) is not None:
        job.kind, job.taken_at, job.attempts = OTHER_PAGES, None, 0


def give_back(session: Session, job_id: int) -> None:
    """It could not be worked on just now, which is no fault of its own."""
    if (job := session.get(Job, job_id)) is not None:
        job.taken_at, job.attempts = None, job.attempts - 1


def finish(session: Session, job_id: int) -> None:
    if (job := session.get(Job, job_id)) is not None:
        session.delete(job)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(Job.taken_at.is_(None), Job.taken_at < now - LEASE)
