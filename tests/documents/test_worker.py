"""The worker as it runs: a process of its own on the same database, real files, and no mercy."""

import io
import itertools
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import func, select

from meetroom import journal
from meetroom.documents.lane import ATTEMPTS
from meetroom.documents.schema import Manifest, PageView, PaperView, TextLayer
from meetroom.documents.tables import Job, PageText, PaperVersion
from meetroom.people.rules import fold
from tests.documents import hostile, office
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


def until_nothing_is_left(s: Sitting) -> None:
    end = time.monotonic() + PATIENCE
    while jobs_left(s) and time.monotonic() < end:
        time.sleep(0.02)
    assert jobs_left(s) == 0


def kill(s: Sitting, worker: subprocess.Popen[bytes]) -> None:
    """And let the time pass after which what it had in hand is nobody's."""
    worker.kill()
    worker.wait()
    with s.store.write() as session:
        for job in session.scalars(select(Job)):
            job.taken_at = None


def zygotes(worker: subprocess.Popen[bytes]) -> list[int]:
    """One for each lane."""
    tasks = Path(f"/proc/{worker.pid}/task").glob("*/children")
    return [int(child) for children in tasks for child in children.read_text().split()]


def file_of(s: Sitting, id: int) -> PaperVersion:
    with s.store.read() as session:
        version = session.get(PaperVersion, (id, paper(s, id).version))
        assert version is not None
        return version


def words(s: Sitting, page: PageView) -> str:
    if page.text is None:
        return ""
    layer = TextLayer.model_validate_json(zlib.decompress(s.blobs.open(page.text.sha256).read()))
    return " ".join(word for line in layer.lines for _, _, word in line.words)


def test_first_pages_first_then_the_rest(sitting: Sitting, start: Start) -> None:
    s = sitting
    long, short = add(s, pdf(40), title="Báo cáo"), add(s, pdf(2, "Tờ trình"), title="Tờ trình")
    start()
    done = until(s, long, finished)
    assert (done.state, done.page_count, done.ready) == ("ready", 40, 40)
    assert until(s, short, finished).state == "ready"
    steps = [(view.id, view.ready) for view in told(s) if view.ready]
    mine = [count for id, count in steps if id == long]
    assert mine[0] == 1 and steps.index((short, 1)) < steps.index((long, mine[1])), "first pages first"
    assert mine == sorted(mine) and all(b - a <= 16 for a, b in itertools.pairwise(mine))
    images = [page.image for page in pages_of(s, done)]
    assert len({image.sha256 for image in images}) == 40 and all(image.width == 1600 for image in images)
    for image in images:
        assert s.blobs.path(image.sha256).stat().st_size == image.size


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
    until_nothing_is_left(s)
    assert worker.poll() is None


def test_a_killed_workers_paper_is_finished_by_the_next(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(20))
    worker = start()
    until(s, id, lambda view: view.ready >= 1)
    lanes = zygotes(worker)
    kill(s, worker)
    half = paper(s, id)
    before = pages_of(s, half)
    assert half.state == "rendering" and 1 <= half.ready < 20
    end = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{lane}").exists() for lane in lanes) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(lanes) == 2 and not any(Path(f"/proc/{lane}").exists() for lane in lanes), "nothing of a killed worker lives on"
    start()
    done = until(s, id, finished)
    assert (done.state, len({page.image.sha256 for page in pages_of(s, done)})) == ("ready", 20)
    after = [page.image for page in pages_of(s, done)]
    assert after[: len(before)] == [page.image for page in before], "what was there is not made again"


def test_a_paper_over_which_workers_die_is_given_up(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf())
    with s.store.write() as session:
        session.scalars(select(Job)).one().attempts = ATTEMPTS
    start()
    assert until(s, id, finished).reason == "damaged"
    until_nothing_is_left(s)


def test_a_zygote_that_dies_costs_no_paper(sitting: Sitting, start: Start) -> None:
    s = sitting
    worker = start()
    until(s, add(s, pdf()), finished)
    for zygote in zygotes(worker):
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
    until_nothing_is_left(s)
    assert paper(s, id).version == 2


def test_a_removed_paper_ends_its_job(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(40))
    start()
    until(s, id, lambda view: view.ready >= 1)
    s.secretary("paper.remove", paper_id=id)
    other = add(s, pdf(), title="Khác")
    assert other != id and until(s, other, finished).state == "ready"


def scan(text: str, kind: str = "TIFF", pages: int = 1) -> bytes:
    """A picture of a page, as a scanner makes it."""
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf", 60)
    images = [Image.new("L", (1240, 1754), 255) for _ in range(pages)]
    for number, image in enumerate(images, 1):
        ImageDraw.Draw(image).text((80, 100), f"{text} {number}", fill=0, font=font)
    file = io.BytesIO()
    images[0].save(file, kind, **({"save_all": True, "append_images": images[1:], "dpi": (150, 150)} if kind == "TIFF" else {}))
    return file.getvalue()


def test_all_that_becomes_of_a_paper(sitting: Sitting, start: Start) -> None:
    """A PDF, an office file, and a scan whose words are read afterwards: sharper images, words for search, a clean copy."""
    s = sitting
    report, letter, old = add(s, pdf(5, "Ke hoach")), add(s, office.docx("Tờ trình", 2)), add(s, scan("Quyết định số", pages=2))
    start()
    until_nothing_is_left(s)
    for id, count, text in ((report, 5, "Ke hoach 5"), (letter, 2, "Tờ trình 2"), (old, 2, "Quyết định số 2")):
        view = paper(s, id)
        assert (view.state, view.ready, view.page_count) == ("ready", count, count)
        pages = pages_of(s, view)
        assert [(page.image.width, page.large.width if page.large else 0) for page in pages] == [(1600, 2560)] * count
        assert words(s, pages[-1]) == text
        copy = file_of(s, id).pdf
        assert copy is not None and s.blobs.open(copy).read(5) == b"%PDF-"
        with s.store.read() as session:
            assert session.get(PageText, (id, 1, count)).folded == fold(text)  # type: ignore[union-attr]
    early = next(view for view in told(s) if view.id == old and view.state == "ready")
    assert [words(s, page) for page in pages_of(s, early)] == ["", ""], "a scan is shown before it is read"
    assert [page.image for page in pages_of(s, early)] == [page.image for page in pages_of(s, paper(s, old))]


def test_a_worker_that_is_killed_at_any_moment_loses_nothing(sitting: Sitting, start: Start) -> None:
    s = sitting
    id = add(s, pdf(4, "Ke hoach"))
    moments: list[Callable[[PaperView], bool]] = [
        lambda view: view.ready >= 1,
        lambda view: view.state == "ready",
        lambda view: any(page.large for page in pages_of(s, view)),
    ]
    for moment in moments:
        worker = start()
        until(s, id, moment)
        kill(s, worker)
    start()
    until_nothing_is_left(s)
    pages = pages_of(s, paper(s, id))
    assert [words(s, page) for page in pages] == [f"Ke hoach {n}" for n in range(1, 5)] and all(page.large for page in pages)


def test_one_difficult_file_delays_no_other_papers_first_page(sitting: Sitting, start: Start) -> None:
    s = sitting
    difficult = add(s, hostile.endless(), title="Khó")
    easy = [add(s, pdf(1, f"Dễ {n}"), title="Dễ") for n in range(3)]
    start()
    for id in easy:
        until(s, id, lambda view: view.ready == 1)
    assert paper(s, difficult).state == "queued"
