"""The node's line to the server, the only place that knows Socket.IO. The node dials; it needs no port but UDP."""

import asyncio
import contextlib
import logging
import random
import ssl
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import socketio
from pydantic import ValidationError

from media.load import Load
from media.node import Node
from media.peer import Refused
from meetroom.conference.schema import (
    MediaAnswer,
    MediaOffer,
    NodeHello,
    NodeReport,
    PeerReport,
    Plan,
    RecordReport,
    SendingChanged,
    SlotsChanged,
)
from meetroom.wire import Wire

log = logging.getLogger(__name__)

NAMESPACE = "/media"
PAUSE = (0.5, 8.0)
"""Seconds before dialling again: at first, and at most. Each pause is cut at random, so that nodes do not come back
to a restarted server all at once."""

TOGETHER = 16
"""Things of one kind, told one after the other, go in messages of at most so many: a message costs more than what is in it."""

ANSWER = 10.0
"""Seconds another node has to answer."""

W = TypeVar("W", bound=Wire)


class Link:
    """Dials for ever. What the node tells while there is no line is dropped; it tells all of it when there is one."""

    def __init__(self, url: str, token_file: Path, ca_file: Path | None, hello: NodeHello) -> None:
        """Needs a running event loop. `ca_file`: the authority that signed the server's certificate; None trusts the
        system's."""
        self._url, self._token_file, self._hello = url, token_file, hello
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
        self._client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=self._http)
        self._client.on("disconnect", self._disconnected, namespace=NAMESPACE)
        self._client.on("plan", self._plan, namespace=NAMESPACE)
        self._client.on("offer", self._offer, namespace=NAMESPACE)
        self._client.on("slots", self._slots, namespace=NAMESPACE)
        self._broken = asyncio.Event()
        self._outbox: deque[tuple[str, list[Wire]]] = deque()
        self._filled = asyncio.Event()

    async def run(self, node: Node) -> None:
        """Until cancelled."""
        self._node = node
        pause = PAUSE[0]
        try:
            while True:
                try:
                    await self._dial()
                    pause = PAUSE[0]
                except (socketio.exceptions.ConnectionError, aiohttp.ClientError, OSError, TimeoutError) as error:
                    log.warning("server not reached: %s", error)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(PAUSE[1], pause * 2)
        finally:
            await self._http.close()

    async def _dial(self) -> None:
        """Returns when a line that stood has broken."""
        self._broken.clear()
        await self._client.connect(
            self._url,
            auth={"token": self._token_file.read_text().strip()},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=10,
        )
        log.info("connected to %s", self._url)
        self._outbox.clear()  # what was left over from the last line is out of date
        self._tell("hello", self._hello.model_copy(update={"recordings": self._node.recordings}))
        self._node.greeted()
        sender = asyncio.create_task(self._send())
        try:
            await self._broken.wait()
            log.warning("lost the server")
        finally:
            sender.cancel()
            await self._client.disconnect()

    async def _disconnected(self, reason: str) -> None:
        self._broken.set()

    def slots(self, changed: SlotsChanged) -> None:
        self._tell("slots", changed)

    def sending(self, changed: SendingChanged) -> None:
        self._tell("sending", changed)

    def report(self, report: PeerReport) -> None:
        self._tell("report", report)

    def load(self, load: Load) -> None:
        peers, cores, lag_ms, came, gone = load
        report = NodeReport(node=self._hello.node, peers=peers, cores=cores, lag_ms=lag_ms, packets_in=came, packets_out=gone)
        self._tell("load", report)

    def recorded(self, report: RecordReport) -> None:
        self._tell("recorded", report)

    async def call(self, offer: MediaOffer) -> MediaAnswer:
        """Raises Refused."""
        try:
            answer = await self._client.call("uplink.offer", offer.model_dump(mode="json"), namespace=NAMESPACE, timeout=ANSWER)
            if answer["ok"]:
                return MediaAnswer.model_validate(answer["result"])
            raise Refused(str(answer["error"]["code"]))
        except socketio.exceptions.SocketIOError as error:
            raise Refused("no_line", str(error)) from None
        except (LookupError, TypeError, ValidationError) as error:
            raise Refused("nonsense", str(error)) from None

    def _tell(self, event: str, what: Wire) -> None:
        if not self._client.connected:
            return
        if self._outbox and self._outbox[-1][0] == event and len(self._outbox[-1][1]) < TOGETHER:
            self._outbox[-1][1].append(what)
        else:
            self._outbox.append((event, [what]))
        self._filled.set()

    async def _send(self) -> None:
        """One after the other, so that they arrive in order, until the line breaks."""
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._outbox:
                    event, several = self._outbox.popleft()
                    await self._client.emit(event, tuple(what.model_dump(mode="json") for what in several), namespace=NAMESPACE)

    async def _plan(self, data: Any = None) -> dict[str, Any]:
        return self._answer(Plan, data, self._node.apply)

    async def _offer(self, data: Any = None) -> dict[str, Any]:
        return self._answer(MediaOffer, data, self._node.offer)

    async def _slots(self, data: Any = None) -> dict[str, Any]:
        return self._answer(SlotsChanged, data, self._node.carried)

    def _answer(self, schema: type[W], data: Any, act: Callable[[W], Wire | None]) -> dict[str, Any]:
        """Every event is acknowledged in the house's one shape."""
        try:
            result = act(schema.model_validate(data))
        except ValidationError as error:
            return {"ok": False, "error": {"code": "invalid", "detail": str(error.errors(include_input=False)[:3])}}
        except Refused as refused:
            return {"ok": False, "error": {"code": refused.code, "detail": refused.detail}}
        except Exception:
            log.exception("a fault of ours")
            return {"ok": False, "error": {"code": "internal", "detail": ""}}
        return {"ok": True, "result": result.model_dump(mode="json") if result is not None else {}}
