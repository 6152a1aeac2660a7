"""`make papers-corpus DIR=…`: prepare every file below a folder as the worker does, and say what became of each.

Pages are compared with poppler's at 60 dots per inch, by median and by mean difference of their grey. A file that is neither
prepared nor refused with a reason is a failure, and so is whatever a child left on its standard error.
"""

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from meetroom.documents import rules
from meetroom.documents.programs import installed
from meetroom.documents.rendering import REASONS, Renderer, Request, Task, Unshowable, read_batch

DPI = 60
MOST_COMPARED = 3  # pages of a file: the first ones
FAR = 12.0  # of 255, mean difference: to be looked at
OUT = Path("build/corpus")


@dataclass
class Result:
    """What became of a file. `seconds` of the clock, all its pages at the first size; `memory` in MB, the most a child had."""

    file: str
    size: int
    outcome: str = "prepared"
    pages: int = 0
    made: int = 0
    by: str = ""
    seconds: float = 0
    memory: float = 0
    words: int = 0
    copy: int | str = 0
    medians: list[float] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    error: str = ""


class Preparing:
    """One zygote, and what its children used of memory."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer, self.peak = renderer, 0.0

    def work(self, data: bytes, task: Task, **what: Any) -> bytes:
        """Raises Unshowable, and ConnectionError when the zygote has died."""
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            request = Request(task, 1000, **what)
            with self.renderer.work(file, request, beat=self._look, every=0.05) as output:
                return output.read()

    def _look(self) -> None:
        zygote = self.renderer.zygote.pid
        self.peak = max(self.peak, peak_memory(zygote), *map(peak_memory, descendants(zygote)))

    def prepare(self, path: Path, result: Result, most: int) -> None:
        """Raises Unshowable."""
        data = path.read_bytes()
        kind = rules.kind_of(data[: rules.HEADER_WITHIN])
        if kind is None:
            raise Unshowable("not_a_paper")
        if kind == "office" and not installed("office"):
            raise Unshowable("needs_office")
        if kind != "pdf":
            result.by = kind
            data = self.work(data, "office" if kind == "office" else "picture")
        try:
            self._pages(data, result, most)
        except Unshowable as no:
            if no.reason != "broken" or kind != "pdf" or not installed("redraw"):
                raise
            result.by, data = "poppler", self.work(data, "redraw")
            self._pages(data, result, most)
        try:
            result.copy = len(self.work(data, "copy"))
        except Unshowable as no:
            result.copy = no.reason  # the paper can be read all the same

    def _pages(self, data: bytes, result: Result, most: int) -> None:
        result.made = 0
        while result.made < (min(result.pages, most) or 1):
            request = {"first": result.made, "most": min(16, most - result.made), "seconds": 0.7}
            batch = read_batch(io.BytesIO(self.work(data, "pages", **request)), Request("pages", 1000, **request))
            result.pages = batch.page_count
            for page in batch.pages:
                result.words += sum(len(line.words) for line in page.said.text.lines) if page.said.text else 0
                if result.made < MOST_COMPARED:
                    self._compare(data, result, page.images[0])
                result.made += 1

    def _compare(self, data: bytes, result: Result, image: bytes) -> None:
        reference = poppler_page(data, result.made + 1)
        if reference is None:
            return
        ours = Image.open(io.BytesIO(image)).convert("L").resize(reference.size, Image.Resampling.BOX)
        difference = ImageChops.difference(ours, reference)
        result.medians.append(float(ImageStat.Stat(difference).median[0]))
        result.means.append(round(ImageStat.Stat(difference).mean[0], 2))
        if result.means[-1] > FAR:
            both = Image.new("L", (reference.width * 2 + 8, reference.height), 128)
            both.paste(ours, (0, 0))
            both.paste(reference, (reference.width + 8, 0))
            (OUT / "outliers").mkdir(parents=True, exist_ok=True)
            both.save(OUT / "outliers" / f"{result.means[-1]:05.1f} {Path(result.file).stem} {result.made + 1}.png")


def poppler_page(data: bytes, number: int) -> Image.Image | None:
    """None: poppler cannot draw it either, or not in ten seconds."""
    command = ["pdftoppm", "-gray", "-cropbox", "-r", str(DPI), "-f", str(number), "-l", str(number), "-"]
    try:
        run = subprocess.run(command, input=data, capture_output=True, timeout=10, check=True)
        return Image.open(io.BytesIO(run.stdout)).convert("L")
    except (subprocess.SubprocessError, OSError):
        return None


def descendants(pid: int) -> list[int]:
    found = []
    try:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [int(child), *descendants(int(child))]
    except OSError:
        pass
    return found


def peak_memory(pid: int) -> float:
    """Megabytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)
    except OSError:
        return 0.0


def examine(preparing: Preparing, path: Path, name: str, most: int) -> Result:
    result, started, preparing.peak = Result(name, path.stat().st_size), time.monotonic(), 0.0
    try:
        preparing.prepare(path, result, most)
    except Unshowable as no:
        result.outcome = "refused: " + ("damaged" if no.reason == "broken" else no.reason)
        if no.reason not in REASONS:
            result.outcome, result.error = "FAILED", no.reason
    except Exception as error:
        result.outcome, result.error = "FAILED", f"{type(error).__name__}: {error}"
    result.seconds, result.memory = round(time.monotonic() - started, 2), round(preparing.peak, 1)
    return result


def main() -> None:
    options = argparse.ArgumentParser(prog="make papers-corpus")
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=1000, help="of a file at most")
    asked = options.parse_args()
    files = sorted(path for path in asked.folder.rglob("*") if path.is_file())
    results: list[Result] = []
    lock, left = threading.Lock(), iter(files)
    OUT.mkdir(parents=True, exist_ok=True)

    def work() -> None:
        with Renderer() as renderer:
            preparing = Preparing(renderer)
            while True:
                with lock:
                    path = next(left, None)
                if path is None:
                    return
                result = examine(preparing, path, str(path.relative_to(asked.folder)), asked.pages)
                with lock:
                    results.append(result)
                    print(
                        f"{result.outcome:<22}{result.made:>5} p {result.seconds:>7.2f} s {result.memory:>6.0f} MB  {result.file}"
                    )
                    sys.stdout.flush()

    lanes = [threading.Thread(target=work) for _ in range(2)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    (OUT / "corpus.jsonl").write_text("".join(json.dumps(asdict(result), ensure_ascii=False) + "\n" for result in results))
    summary(results)
    sys.exit(any(result.outcome == "FAILED" for result in results))


def summary(results: list[Result]) -> None:
    print(f"\n{len(results)} files, {sum(result.made for result in results)} pages")
    for outcome, count in Counter(result.outcome for result in results).most_common():
        print(f"  {count:>4} {outcome}")
    for by, count in Counter(result.by for result in results if result.by and result.outcome == "prepared").items():
        print(f"  {count:>4} by way of {by}")
    copies = [result for result in results if isinstance(result.copy, str)]
    print(
        f"  {len(copies):>4} without a clean copy: {', '.join(f'{result.file} ({result.copy})' for result in copies) or 'none'}"
    )
    medians = [value for result in results for value in result.medians]
    means = [value for result in results for value in result.means]
    if medians:
        print(f"against pdftoppm at {DPI} dpi, {len(medians)} pages: median of medians {statistics.median(medians):.1f},"
              f" pages over 2: {sum(value > 2 for value in medians)}, median of means {statistics.median(means):.2f},"
              f" pages over {FAR:g}: {sum(value > FAR for value in means)}")  # fmt: skip
        for result in sorted(results, key=lambda one: -max(one.means, default=0))[:12]:
            if result.means and max(result.means) > FAR / 2:
                print(f"  {max(result.means):>6.1f} mean, {max(result.medians):>5.1f} median  {result.file}")
    seconds = sorted(result.seconds for result in results)
    print(f"seconds a file: median {statistics.median(seconds):.2f}, most {seconds[-1]:.1f};"
          f" memory at most {max(result.memory for result in results):.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
