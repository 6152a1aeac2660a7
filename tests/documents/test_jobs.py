from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from meetroom.documents import jobs
from meetroom.documents.tables import Job
from meetroom.store.engine import Store

NOW = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)
LATER = NOW + jobs.LEASE + timedelta(milliseconds=1)


def put(store: Store, *kinds: str) -> list[int]:
    with store.write() as session:
        made = [Job(kind=kind, payload={"paper_id": n}) for n, kind in enumerate(kinds)]
        session.add_all(made)
        session.flush()
        return [job.id for job in made]


def take(store: Store, now: datetime = NOW, quick: bool = False) -> int | None:
    with store.write() as session:
        job = jobs.take(session, now, quick=quick)
        return job.id if job else None


def change(store: Store, what: str, id: int, *args: datetime | str | int, **more: bool) -> None:
    with store.write() as session:
        getattr(jobs, what)(session, id, *args, **more)


def waiting(store: Store, now: datetime = NOW) -> bool:
    with store.read() as session:
        return jobs.waiting(session, now)


def test_every_first_page_comes_before_any_second_and_all_pages_before_sharper_ones(store: Store) -> None:
    made = put(store, "unknown", jobs.OCR, jobs.COPY, jobs.LARGE, jobs.PAGES, jobs.FIRST_PAGE, jobs.FIRST_PAGE)
    unknown, ocr, copy, large, pages, first, second = made
    assert [take(store) for _ in range(8)] == [first, second, pages, large, copy, ocr, unknown, None]


def test_what_is_slow_comes_later_and_not_in_the_quick_lane(store: Store) -> None:
    slow, other, page = put(store, jobs.FIRST_PAGE, jobs.FIRST_PAGE, jobs.PAGES)
    change(store, "put_back", slow, jobs.FIRST_PAGE, slow=True)
    assert [take(store, quick=True) for _ in range(3)] == [other, page, None]
    assert take(store) == slow and not waiting(store)


def test_a_job_whose_worker_is_silent_is_taken_over(store: Store) -> None:
    (job,) = put(store, jobs.FIRST_PAGE)
    assert take(store) == job and not waiting(store)
    change(store, "renew", job, LATER)
    assert take(store, LATER) is None
    assert waiting(store, LATER + timedelta(seconds=5)) and take(store, LATER + timedelta(seconds=5)) == job


def test_attempts_count_until_there_is_progress(store: Store) -> None:
    (job,) = put(store, jobs.FIRST_PAGE)

    def attempts() -> int:
        with store.read() as session:
            return session.scalars(select(Job.attempts)).one()

    take(store)
    take(store, LATER)
    assert attempts() == 2
    change(store, "give_back", job)
    assert attempts() == 1 and waiting(store)
    change(store, "put_back", job, jobs.LARGE, 4)
    assert attempts() == 0 and waiting(store)
    change(store, "finish", job)
    assert not waiting(store, LATER)


def test_workers_step_over_each_others_jobs(postgresql_store: Store) -> None:
    one, two = put(postgresql_store, jobs.FIRST_PAGE, jobs.FIRST_PAGE)
    with postgresql_store.write() as mine, postgresql_store.write() as theirs:
        first, second = jobs.take(mine, NOW), jobs.take(theirs, NOW)
        assert first and second and [first.id, second.id] == [one, two]
        assert jobs.take(theirs, NOW) is None


def test_a_job_that_is_gone_changes_nothing(store: Store) -> None:
    for what, args in (("renew", (NOW,)), ("put_back", (jobs.LARGE,)), ("give_back", ()), ("finish", ())):
        change(store, what, 999, *args)
