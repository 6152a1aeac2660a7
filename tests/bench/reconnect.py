"""`make bench-reconnect`: how long sound and pictures are away when the media node is killed, and when one is emptied.

The product's own processes and pages of a real Chromium: two conference points that see and hear each other.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.figures import Figure, keep
from tests.house import House, running, until
from tests.server import free_port

OUT = Path("build/bench/reconnect.jsonl")
MEETING = 1  # of the demo
STEADY_S = 10.0  # between two kills: longer than what the supervisor takes for a crash loop

RECEIVED = """async () => {
  const kinds = new Set();
  for (const call of window.calls) (await call.getStats()).forEach((s) => {
    if (s.type === 'inbound-rtp' && (s.kind === 'audio' ? s.packetsReceived : s.framesDecoded) > 5) kinds.add(s.kind);
  });
  return kinds.size === 2;
}"""

# The longest time in which no packet of sound, and no picture, came: from now until a new connection brings both.
AWAY = """async (timeout) => {
  const before = window.calls.length, began = performance.now(), counts = new Map();
  const last = { audio: began, video: began }, longest = { audio: 0, video: 0 }, fresh = new Set();
  while (performance.now() - began < timeout && fresh.size < 2) {
    for (const [i, call] of window.calls.entries()) {
      const sum = { audio: 0, video: 0 };
      (await call.getStats()).forEach((s) => {
        if (s.type === 'inbound-rtp') sum[s.kind] += (s.kind === 'audio' ? s.packetsReceived : s.framesDecoded) || 0;
      });
      for (const kind of ['audio', 'video']) {
        const key = i + kind, known = counts.get(key) ?? (i < before ? sum[kind] : 0);
        counts.set(key, sum[kind]);
        if (sum[kind] <= known) continue;
        longest[kind] = Math.max(longest[kind], performance.now() - last[kind]);
        last[kind] = performance.now();
        if (i >= before) fresh.add(kind);
      }
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  return fresh.size === 2 ? longest : null;
}"""


def joined(house: House) -> list[Page]:
    """Two points in the conference that hear and see each other."""
    pages = [house.page(name, f"/m/{MEETING}/point", 1366, 768) for name in ("tanlap", "anhoa")]
    for page in pages:
        page.get_by_role("button", name="Vào phòng họp").click()
        house.command(page, "point.mic", meeting_id=MEETING, on=True)
    for page in pages:
        until(lambda page=page: page.evaluate(RECEIVED), 60, "a picture and sound of the other point")
    return pages


def away(pages: list[Page], act: Callable[[], None]) -> list[dict[str, float]]:
    """What `act` costs each page, in ms. Raises RuntimeError if one does not come back."""
    for page in pages:
        page.evaluate(f"void (window.away = ({AWAY})(20000))")  # evaluate waits for promises
    act()
    costs = [page.evaluate("window.away") for page in pages]
    if None in costs:
        raise RuntimeError("a page did not come back within 20 s")
    return costs


def say(what: str, costs: list[dict[str, float]]) -> None:
    print(f"{what}:", ", ".join(f"sound {cost['audio']:.0f} picture {cost['video']:.0f} ms" for cost in costs), flush=True)


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def kills(house: House, pages: list[Page], count: int) -> list[dict[str, float]]:
    costs = []
    for number in range(count):
        time.sleep(STEADY_S)
        costs += away(pages, lambda: os.kill(house.pid("media"), signal.SIGKILL))
        say(f"kill {number + 1}", costs[-2:])
    return costs


def drains(house: House, pages: list[Page], count: int) -> list[dict[str, float]]:
    """Each time the node that has the meeting is emptied onto the other."""
    admin = house.page("quantri", "/")
    costs = []
    with second_node(house):
        leaving, other = socket.gethostname(), "second"
        for number in range(count):
            house.command(admin, "node.drain", node=other, draining=False)
            costs += away(pages, partial(house.command, admin, "node.drain", node=leaving, draining=True))
            say(f"drain {number + 1}", costs[-2:])
            leaving, other = other, leaving
            time.sleep(2)
    return costs


@contextmanager
def second_node(house: House) -> Iterator[None]:
    settings = house.folder
    node = subprocess.Popen(
        [
            sys.executable, "-m", "media", "--server", f"https://127.0.0.1:{house.port}", "--name", "second",
            "--token-file", str(settings / "media.token"), "--ca-file", str(settings / "certificates/ca.pem"),
            "--udp-host", "127.0.0.1", "--udp-port", str(free_port(socket.SOCK_DGRAM)),
        ]
    )  # fmt: skip
    try:
        yield
    finally:
        node.terminate()
        node.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reconnect", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--drains", type=int, default=4)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, running(playwright, Path(folder)) as house:
        pages = joined(house)
        killed = kills(house, pages, flags.kills)
        drained = drains(house, pages, flags.drains)
    keep(
        [
            *(
                Figure(f"reconnect.{kind}.p95_ms", percentile([cost[kind] for cost in killed], 95), "ms")
                for kind in ("audio", "video")
            ),
            *(Figure(f"drain.{kind}.max_ms", max(cost[kind] for cost in drained), "ms") for kind in ("audio", "video")),
        ],
        OUT,
    )


if __name__ == "__main__":
    main()
