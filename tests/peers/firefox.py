"""Firefox driven over WebDriver BiDi, which it speaks by itself: Debian has no geckodriver, and Playwright wants a build of
its own."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


class Page:
    """One tab, with what Playwright's page can do as far as it is needed here."""

    def __init__(self, line: ClientConnection) -> None:
        self._line, self._ids, self._context = line, count(1), ""

    async def begin(self) -> None:
        await self._ask("session.new", capabilities={})
        tree = await self._ask("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        await self._ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression, awaited; it has to be one of JSON."""
        whole = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self._context}
        answer = await self._ask("script.evaluate", expression=whole, target=target, awaitPromise=True)
        if answer["type"] != "success":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        id = next(self._ids)
        await self._line.send(json.dumps({"id": id, "method": method, "params": params}))
        while True:
            answer = json.loads(await self._line.recv())
            if answer.get("id") == id:
                if answer["type"] != "success":
                    raise RuntimeError(answer["message"])
                return answer["result"]


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Page]:
    folder.mkdir()
    (folder / "user.js").write_text("".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ("firefox-esr", "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", str(port))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with await _line(port) as line:
            page = Page(line)
            await page.begin()
            yield page
    finally:
        process.terminate()
        await process.wait()


async def _line(port: int) -> ClientConnection:
    for _ in range(300):
        try:
            return await connect(f"ws://127.0.0.1:{port}/session", max_size=None)
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("Firefox does not listen")
