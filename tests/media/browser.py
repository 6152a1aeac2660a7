"""Pages of a real Chromium that run the product's own call module against a node in this process."""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, Route, async_playwright

from meetroom.conference.schema import MediaOffer, SendingChanged, SlotsChanged
from tests.media.driver import MEETING, Driver

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
ORIGIN = "http://localhost/"


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[BrowserContext]:
    """A browser that knows one page; `folder` takes its profile and the compiled module."""
    compiler = ROOT / "web/node_modules/.bin/tsc"
    options = ["--target", "ES2022", "--module", "ESNext", "--moduleResolution", "bundler", "--skipLibCheck"]
    subprocess.run([compiler, *options, "--outDir", folder, ROOT / "web/src/call.ts"], check=True)
    shutil.copy(Path(__file__).parent / "page/index.html", folder)

    async def serve(route: Route) -> None:
        name = route.request.url.removeprefix(ORIGIN) or "index.html"
        for path in (folder / name, folder / f"{name}.js"):  # the compiler leaves out the ending of what a module imports
            if path.is_file():
                return await route.fulfill(path=path)
        return await route.fulfill(status=404)

    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / "profile", executable_path="/usr/bin/chromium", headless=False, args=FLAGS
        )
        try:
            await context.route(ORIGIN + "**", serve)
            yield context
        finally:
            await context.close()


class Participant:
    """One page in the call. `port`: the node's, as the page reaches it, if it is another."""

    def __init__(self, driver: Driver, page: Page, name: str, port: int | None = None) -> None:
        self.driver, self.page, self.name, self.port = driver, page, name, port
        self.offers = 0

    async def join(self, **how: Any) -> None:
        """`gum`: camera and microphone of the (fake) devices, a number is the height; `colour`: a painted picture;
        `receiveOnly`; `iceServers`, and `relayed`: only over them."""
        await self.page.expose_function("offer", self._offer)
        await self.page.goto(ORIGIN)
        await self.page.wait_for_function("window.ready")
        await self.page.evaluate("how => join(how)", how)

    def _offer(self, offer: dict[str, Any]) -> dict[str, Any]:
        self.offers += 1
        answer = self.driver.node.offer(MediaOffer(meeting_id=MEETING, peer=self.name, **offer))
        port = self.driver.engine.port
        return {"sdp": answer.sdp.replace(f" {port} typ host", f" {self.port or port} typ host")}

    async def show(self, changed: SlotsChanged) -> None:
        await self.page.evaluate("s => call.showSlots(s)", json.loads(changed.model_dump_json())["slots"])

    async def ask(self, changed: SendingChanged) -> None:
        await self.page.evaluate("w => call.pause(w)", json.loads(changed.model_dump_json())["sources"])

    async def look(self, mid: str) -> dict[str, Any] | None:
        return await self.page.evaluate("mid => look(mid)", mid)

    async def report(self) -> list[dict[str, Any]]:
        """All of its connection's statistics (getStats)."""
        return await self.page.evaluate("async () => [...(await pcs.at(-1).getStats()).values()]")

    async def stats(self) -> dict[str, Any]:
        return await self.page.evaluate("call.stats()")

    async def frames(self, mid: str) -> int:
        return (await self.stats())["frames"].get(mid, 0)
