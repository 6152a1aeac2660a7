"""A whole server as `make run` starts it, and real browsers in front of it."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

from meetroom.demo import PASSWORD
from tests.server import free_port

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
]  # fmt: skip
# Peer connections live inside modules; a story looks at their statistics through this.
WATCH_CALLS = """
window.calls = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real { constructor(...a) { super(...a); window.calls.push(this); } };
window.decoded = async () => {
  let frames = 0;
  for (const call of window.calls) if (call.connectionState === 'connected')
    (await call.getStats()).forEach(s => { if (s.type === 'inbound-rtp' && s.kind === 'video') frames += s.framesDecoded || 0; });
  return frames;
};
"""


@dataclass
class House:
    """The running server: its address, its processes, and signed-in pages by user name."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    browser: Browser
    errors: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def page(self, username: str | None, path: str, width: int = 1280, height: int = 800) -> Page:
        """A browser page of its own session, signed in unless there is no user name."""
        context = self.browser.new_context(
            ignore_https_errors=True, viewport={"width": width, "height": height}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh",
            permissions=["camera", "microphone"], base_url=self.url,
        )  # fmt: skip
        context.add_init_script(WATCH_CALLS)
        if username is not None:
            answer = context.request.post("/api/login", data={"username": username, "password": PASSWORD})
            assert answer.ok, answer.text()
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.errors.append(f"{username}: {error}"))
        page.goto(path)
        return page

    def command(self, page: Page, name: str, /, **order: Any) -> Any:
        """A command by the page's person, as another of their tabs would send it."""
        body = {"op_id": os.urandom(8).hex(), "order": order}
        answer = page.context.request.post(f"/api/commands/{name}", data=body).json()
        assert answer["ok"], (name, answer)
        return answer["result"]

    def pid(self, module: str) -> int:
        """The process of that module among the server's children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            if module in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0"):
                return int(pid)
        raise AssertionError(f"{module} does not run")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line of this very server."""
        program = [sys.executable, "-m", "meetroom.cli", *arguments]
        return subprocess.run(program, env=environment(self.folder, self.port), capture_output=True, text=True, timeout=60)


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **os.environ, "MEETROOM_DATA_DIR": str(folder), "MEETROOM_BIND": "127.0.0.1", "MEETROOM_PORT": str(port),
        "MEETROOM_HTTP_PORT": str(free_port()), "MEETROOM_BOX_PORT": str(free_port()),
        "MEETROOM_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
    }  # fmt: skip


@contextmanager
def running(playwright: Playwright, folder: Path) -> Iterator[House]:
    """A server in an empty folder, with the demo's people and meeting, and a browser."""
    port, file = free_port(), folder / "server.log"
    with file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "meetroom.cli", "serve"],
            env=environment(folder, port), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            until(lambda: b"\nready https://" in file.read_bytes(), 120, "the server is ready")
            until(lambda: b"media node connected" in file.read_bytes(), 60, "the media node is there")
            yield House(folder, port, process, browser)
        finally:
            browser.close()
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def until(holds: Any, seconds: float, what: str) -> None:
    """Wait until it holds; fails with `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.1)


def answers(url: str) -> bool:
    context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(f"{url}/", timeout=3, context=context) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


