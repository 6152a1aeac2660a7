"""How the reader feels on a slow tablet: part of `make bench-papers`, or alone: `python -m tests.bench.papers.reader`.

A delegate's screen in a real Chromium with the processor slowed down six times (CDP: Emulation.setCPUThrottlingRate). Pages that
are here already are turned by key, each when the turn before has come to rest, then a pen draws on one. A turn is counted as the
browser's Event Timing does: from the key to the next frame on the screen, in steps of 8 ms.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.figures import Figure, keep
from tests.house import House, running, until

OUT = Path("build/bench/reader.jsonl")
MEETING = 1  # of the demo
SLOWER = 6
TURNS = 30
STROKES = 6
RESTED_MS = 600

# What the browser itself measures of keys, and the time between frames.
WATCH = """() => {
  window.turns = []; window.frames = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === 'keydown') window.turns.push(one.duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  let last = performance.now();
  const frame = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""
# The page is before the eyes, drawn, and its neighbours are decoded.
SETTLED = """n => {
  const image = [...document.querySelectorAll('.slot:not([inert]) img')].find((one) => one.alt.startsWith(`Trang ${n},`));
  const all = [...document.querySelectorAll('.slot img')];
  return image?.complete && all.every((one) => one.complete) && !document.getAnimations().length;
}"""


def measure(house: House) -> list[Figure]:
    """Figures of one tablet, all papers downloaded."""
    page = house.page("chau", f"/m/{MEETING}/delegate")
    address = f"/api/sync/{MEETING}"
    papers = lambda: page.context.request.get(address).json()["result"]["snapshot"]["papers"]  # noqa: E731
    until(lambda: all(paper["state"] == "ready" for paper in papers()), 120, "the papers are prepared")
    page.keyboard.press("Escape")  # who is here is not asked now
    until(lambda: page.evaluate(SETTLED, 1), 30, "page 1 is there")
    page.wait_for_load_state("networkidle")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.evaluate(WATCH)
    turned = turn(page)
    draw(page)
    frames = sorted(page.evaluate("window.frames")[5:])
    page.context.close()
    return [
        Figure("reader.turn_ms.p50", statistics.median(turned), "ms"),
        Figure("reader.turn_ms.p95", turned[int(len(turned) * 0.95)], "ms"),
        Figure("reader.frame_p95_ms", frames[int(len(frames) * 0.95)], "ms"),
    ]


def turn(page: Page) -> list[float]:
    """To and fro through the first pages; a turn that is quicker than the browser counts is its least."""
    for n in range(TURNS):
        forth = (n // 4) % 2 == 0
        page.keyboard.press("ArrowRight" if forth else "ArrowLeft")
        page.wait_for_timeout(RESTED_MS)
    counted: list[float] = page.evaluate("window.turns")
    return sorted([16.0] * max(0, TURNS - len(counted)) + counted)


def draw(page: Page) -> None:
    """Waves over the page, with the pen."""
    page.get_by_role("button", name="Ghi chú").first.click()
    box = page.locator(".slot:not([inert]) .sheet").bounding_box()
    assert box
    for stroke in range(STROKES):
        y = 150 + stroke * 40
        page.mouse.move(box["x"] + 100, y)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(box["x"] + 100 + step * 20, y + (step % 5) * 6)
        page.mouse.up()


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, running(playwright, Path(folder)) as house:
        return measure(house)


if __name__ == "__main__":
    keep(figures(), OUT)
