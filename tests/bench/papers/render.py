"""What preparing costs: milliseconds of the processor a page, from the file to compressed images and words, through the confined
child as always; beside it pdftoppm, which makes PNG of text and JPEG of scans and maps, of the same width, and reads no words.
Time of the processor, because the children let everybody else go first.
"""

import io
import os
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageFilter

from meetroom.documents import sample
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.rendering import STANDARD, Batch, Renderer, Request, Task, read_batch
from tests.bench.figures import Figure
from tests.corpus.__main__ import descendants, peak_memory

PAGES, SCANS, MAPS, ROUNDS = 20, 10, 3, 3
WIDE = ("-scale-to-x", str(STANDARD.width), "-scale-to-y", "-1")


def report(pages: int = PAGES) -> bytes:
    return sample.sample("report", title="Báo cáo kinh tế - xã hội", number="385/BC-UBND", pages=pages)


def scan(pages: int = SCANS) -> bytes:
    """Pages of a report as a scanner at 200 dots per inch makes them: a little turned, grey, uneven, JPEG."""
    source, document, dice = pymupdf.open(stream=report(pages), filetype="pdf"), pymupdf.open(), random.Random(1)
    for page in source.pages():
        drawn = page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
        image = Image.frombytes("L", (drawn.width, drawn.height), drawn.samples)
        image = image.rotate(dice.uniform(-0.5, 0.5), Image.Resampling.BICUBIC, fillcolor=245)
        image = image.filter(ImageFilter.GaussianBlur(0.6))
        image = Image.blend(image, Image.effect_noise(image.size, 25), 0.12)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        document.new_page(width=page.rect.width, height=page.rect.height).insert_image(page.rect, stream=file.getvalue())
    data: bytes = document.tobytes()
    return data


def a2_map(pages: int = MAPS) -> bytes:
    """An A2 sheet of parcels, roads and their names in small letters."""
    document, dice = pymupdf.open(), random.Random(2)
    for _ in range(pages):
        page = document.new_page(width=1684, height=1191)
        shape = page.new_shape()
        for n in range(4000):
            x, y = dice.uniform(0, 1660), dice.uniform(0, 1170)
            corners = [(x + dice.uniform(0, 24), y + dice.uniform(0, 20)) for _ in range(5)]
            shape.draw_polyline([*corners, corners[0]])
            shape.finish(color=(0.4, 0.3, 0.2), fill=(0.9, dice.uniform(0.7, 1), 0.8), width=0.3)
            if n % 4 == 0:
                shape.insert_text((x, y), f"Thua {n}", fontsize=5)
        shape.commit()
    data: bytes = document.tobytes(deflate=True)
    return data


def prepare(renderer: Renderer, data: bytes, task: Task, most: int, look: Callable[[], None] = lambda: None) -> Batch:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        request = Request(task, 1000, most=most, seconds=60)
        with renderer.work(file, request, beat=look, every=0.05) as output:
            return read_batch(output, request)


def poppler(data: bytes, *how: str) -> float:
    """Seconds of the processor for all pages."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        file = Path(folder) / "paper.pdf"
        file.write_bytes(data)
        before = os.times()
        subprocess.run(["pdftoppm", *how, str(file), f"{folder}/page"], check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system


def spent(pid: int) -> float:
    """Seconds of the processor that a process's children had which have ended."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def figures() -> list[Figure]:
    papers: dict[str, tuple[bytes, Task, int, tuple[str, ...]]] = {
        "text": (report(), "pages", PAGES, ("-png", *WIDE)),
        "scan": (scan(), "pages", SCANS, ("-jpeg", *WIDE)),
        "map": (a2_map(), "large", MAPS, ("-jpeg", "-r", "150")),
    }
    found, memory = [], 0.0
    with Renderer() as renderer:
        zygote = renderer.zygote.pid

        def look() -> None:
            nonlocal memory
            memory = max(memory, *map(peak_memory, descendants(zygote)), 0.0)

        prepare(renderer, papers["text"][0], "pages", 1)  # the zygote has started
        for name, (data, task, count, how) in papers.items():
            ours, theirs, size = [], [], 0.0
            for _ in range(ROUNDS):
                before = spent(zygote)
                batch = prepare(renderer, data, task, count, look)
                ours.append((spent(zygote) - before) / count * 1000)
                theirs.append(poppler(data, *how) / count * 1000)
                size = sum(len(image) for page in batch.pages for image in page.images) / count
            # The best round of each: what else the machine does meanwhile is none of either's.
            found.append(Figure(f"render.{name}", min(ours), "ms", f"pdftoppm {how[0]}", min(theirs)))
            found.append(Figure(f"render.{name}.bytes", size, "bytes"))
        before = spent(zygote)
        prepare(renderer, papers["text"][0], "large", PAGES)
        found.append(Figure("render.text.large", (spent(zygote) - before) / PAGES * 1000, "ms"))
        found.append(Figure("render.pages_per_s.2_cores", together(papers["text"][0]), "1/s"))
        found.append(Figure("render.zygote.memory", peak_memory(zygote), "MB"))
        found.append(Figure("render.child.memory", memory, "MB"))
    return found


def together(data: bytes) -> float:
    """Pages a second when both lanes of the worker have a paper."""
    with Renderer() as one, Renderer() as two:
        for renderer in (one, two):
            prepare(renderer, data, "pages", 1)
        lanes = [threading.Thread(target=prepare, args=(renderer, data, "pages", PAGES)) for renderer in (one, two)]
        started = time.perf_counter()
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        return 2 * PAGES / (time.perf_counter() - started)
