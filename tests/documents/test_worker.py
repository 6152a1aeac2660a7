"""The worker as it runs: a process of its own on the same database, real files, and no mercy."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from meetroom import journal
from meetroom.documents.schema import Manifest, PageView, PaperView
from meetroom.documents.tables import Job
from meetroom.documents.worker import ATTEMPTS
from tests.documents import hostile
from tests.documents.bringing import add, bring, pdf
from tests.sitting import Sitting

PROJECT = Path(__file__).parents[2]
PATIENCE = 60  # seconds
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(sitting: Sitting, tmp_path: Path) -> Iterator[Start]:
    """Starts workers on the sitting's database and blobs; whatever still runs is ended with the test."""
    running: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, "MEETROOM_DATA_DIR": str(tmp_path), "MEETROOM_UPLOAD_PAGES": "50"}

    def one() -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([sys.executable, "-m", "meetroom.documents.worker"], cwd=PROJECT, env=environment))
        return running[-1]

    yield one
    for worker in running:
        if worker.poll() is None:
            worker.terminate()
            assert worker.wait(PATIENCE) == 0, "a worker that is told to stop ends cleanly"


def paper(s: Sitting, id: int) -> PaperView:
    return next(view for view in s.see("secretary").papers if view.id == id)


def pages_of(s: Sitting, view: PaperView) -> tuple[PageView, ...]:
    """What its manifest lists."""
    assert view.manifest is not None
    return Manifest.model_validate_json(s.blobs.open(view.manifest).read()).pages


def until(s: Sitting, id: int, reached: Callable[[PaperView], bool]) -> PaperView:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if reached(view := paper(s, id)):
            return view
        time.sleep(0.02)
    raise AssertionError(f"still {paper(s, id)}")


def finished(view: PaperView) -> bool:
    return view.state in ("ready", "refused")


def told(s: Sitting) -> list[PaperView]:
    """Every state of every paper, in the order they were journalled by whichever process."""
    with s.store.read() as session:
        bodies = [entry.body for entry in journal.replay(session, s.meeting, 0) if entry.name == "paper.changed"]
    return [PaperView.model_validate_json(body[len('{"paper":') : -1]) for body in bodies]


def jobs_left(s: Sitting) -> int:
    with s.store.read() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_first_pages_first_then_the_rest(sitting: Sitting, start: Start) -> None:
    s = sitting
    long, short = add(s, pdf(40), title="Báo cáo"), add(s, pdf(2, "Tờ trình"), title="Tờ trình")
    start()
    done = until(s, long, finished)
    assert (done.state, done.page_count, done.ready) == ("ready", 40, 40)
    assert until(s, short, finished).state == "ready"
    steps = [(view.id, view.ready) for view in told(s) if view.ready]
    assert steps[:2] == [(long, 1), (short, 1)], "one page of each before the second of any"
    assert [count for id, count in steps if id == long] == sorted({count for id, count in steps if id == long})
    assert all(b - a <= 16 for (_, a), (_, b) in zip(steps, steps[1:], strict=False))
    images = [page.image for page in pages_of(s, done)]
    assert len({image.sha256 for image in images}) == 40 and all(image.width == 1600 for image in images)
    for image in images:
        assert s.blobs.path(image.sha256).stat().st_size == image.size
    assert jobs_left(s) == 0


def test_files_that_cannot_be_shown_are_refused_and_nobody_else_disturbed(sitting: Sitting, start: Start) -> None:
    s = sitting
    reasons = {"encrypted": "encrypted", "cut off": "damaged", "zip named pdf": "not_a_paper", "nested q": "damaged"}
    bad = {add(s, hostile.REFUSED[name][0](), title=name): reason for name, reason in reasons.items()}
    bad[add(s, pdf(51))] = "too_many_pages"  # by the setting
    lost = add(s, pdf(3, "mất"))
    s.blobs.path(bring(s, pdf(3, "mất"))).unlink()
    bad[lost] = "damaged"
    good = add(s, pdf(1), title="Tờ trình")
    worker = start()
    assert until(s, good, finished).state == "ready"
    for id, reason in bad.items():
        view = until(s, id, finished)
        assert (view.state, view.reason, view.ready) == ("refused", reason, 0), view.title
    assert worker.poll() is None and jobs_left(s) == 0


def test_a_killed_workers_paper_is_finished_by_the_next(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(40))
    worker = start()
    until(s, id, lambda view: view.ready >= 1)
    (zygote,) = children(worker.pid)
    worker.kill()
    worker.wait()
    half = paper(s, id)
    before = pages_of(s, half)
    assert half.state == "rendering" and 1 <= half.ready < 40
    end = time.monotonic() + PATIENCE
    while Path(f"/proc/{zygote}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{zygote}").exists(), "nothing of a killed worker lives on"
    start()
    done = until(s, id, finished)
    assert (done.state, len({page.image.sha256 for page in pages_of(s, done)})) == ("ready", 40)
    assert pages_of(s, done)[: len(before)] == before, "what was there is not made again"
    assert jobs_left(s) == 0


def test_a_paper_over_which_workers_die_is_given_up(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf())
    with s.store.write() as session:
        session.scalars(select(Job)).one().attempts = ATTEMPTS
    start()
    assert until(s, id, finished).reason == "damaged" and jobs_left(s) == 0


def test_a_zygote_that_dies_costs_no_paper(sitting: Sitting, start: Start) -> None:
    s = sitting
    worker = start()
    until(s, add(s, pdf()), finished)
    (zygote,) = children(worker.pid)
    os.kill(zygote, signal.SIGKILL)
    assert until(s, add(s, pdf(2, "sau")), finished).state == "ready"
    assert worker.poll() is None


def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(40))
    worker = start()
    until(s, id, lambda view: view.ready >= 1)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(PATIENCE) == 0
    with s.store.read() as session:
        job = session.scalars(select(Job)).one()
    assert (job.taken_at, job.attempts) == (None, 0)
    assert paper(s, id).ready < 40


def test_a_new_version_overtakes_the_old_one(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(40))
    start()
    until(s, id, lambda view: view.ready >= 1)
    s.secretary("paper.replace", paper_id=id, file=bring(s, pdf(2, "Bản mới")))
    done = until(s, id, finished)
    assert (done.version, done.state, done.ready) == (2, "ready", 2)
    end = time.monotonic() + PATIENCE
    while jobs_left(s) and time.monotonic() < end:
        time.sleep(0.02)
    assert jobs_left(s) == 0 and paper(s, id) == done


def test_a_removed_paper_ends_its_job(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(40))
    start()
    until(s, id, lambda view: view.ready >= 1)
    s.secretary("paper.remove", paper_id=id)
    other = add(s, pdf(), title="Khác")
    assert other != id and until(s, other, finished).state == "ready"
