"""What is measured: our media node, and Janus as the reference. Each is a fresh process pinned to the server's core."""

import asyncio
import itertools
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import websockets

from meetroom.conference.schema import Kind, Layer, MediaOffer, PeerPlan, Plan, Want
from tests.bench.media.client import Client, Remote, Section
from tests.bench.media.machine import HOST, spawn
from tests.media.server import Server, certificates, serving

MEETING = 1


class Sfu(Protocol):
    pids: tuple[int, ...]
    steers: bool
    """Whether it finds out by and by how much a receiver can take."""
    at_once: int
    """Handshakes with it that are under way together; each of Janus's waits a second for its first retransmission."""

    async def expect(self, publishers: int, subscribers: int) -> None:
        """Says beforehand how many come: every subscriber gets picture and sound of every publisher."""

    async def publish(self, number: int, client: Client) -> None: ...

    async def subscribe(self, number: int, client: Client) -> None: ...


def ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Ours:
    """Stands in for the server at the other end of a real node's line."""

    steers, at_once = True, 8

    def __init__(self, server: Server, pid: int) -> None:
        self.server, self.pids = server, (pid,)

    async def expect(self, publishers: int, subscribers: int) -> None:
        senders = tuple(f"p{n}" for n in range(publishers))
        wants = tuple(Want(peer=name, kind=Kind.CAMERA, layer=Layer.HIGH) for name in senders)
        peers = [PeerPlan(peer=name, heard=True) for name in senders]
        peers += [PeerPlan(peer=f"s{n}", stage=wants[0], gallery=wants[1:]) for n in range(subscribers)]
        plan = Plan(meeting_id=MEETING, revision=1, peers=tuple(peers), always=senders, voices=publishers)
        await self._ask("plan", plan)

    async def publish(self, number: int, client: Client) -> None:
        await self._join(f"p{number}", client)

    async def subscribe(self, number: int, client: Client) -> None:
        await self._join(f"s{number}", client)

    async def _join(self, name: str, client: Client) -> None:
        kinds = {"audio": Kind.MIC, "video": Kind.CAMERA}
        sources = {section.mid: kinds[section.kind] for section in client.sections if section.direction == "sendonly"}
        answer = await self._ask("offer", MediaOffer(meeting_id=MEETING, peer=name, sdp=client.offer(), sources=sources))
        await client.connect(Remote.parse(answer["sdp"]))

    async def _ask(self, event: str, what: Plan | MediaOffer) -> dict[str, Any]:
        data, node = what.model_dump(mode="json"), self.server.nodes[-1]
        answer = await self.server.io.call(event, data, to=node, namespace="/media", timeout=60)
        if not answer["ok"]:
            raise RuntimeError(f"{event}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result


@asynccontextmanager
async def ours(engine: str | None, core: int) -> AsyncIterator[Ours]:
    with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as name:
        folder, server = Path(name), Server(secrets.token_hex(16))
        (folder / "token").write_text(server.token)
        authority, certificate = certificates(folder)
        async with serving(server, certificate) as port:
            where = ["--server", f"https://127.0.0.1:{port}", "--token-file", str(folder / "token"), "--ca-file", str(authority)]
            flags = ["--udp-host", HOST, "--udp-port", "44300", *(["--engine", engine] if engine else [])]
            with open(folder / "log", "wb") as log:
                node = spawn([sys.executable, "-m", "media", *where, *flags], core, stderr=log)
            try:
                while not server.heard("hello"):
                    if node.poll() is not None:
                        raise RuntimeError((folder / "log").read_text())
                    await asyncio.sleep(0.05)
                yield Ours(server, node.pid)
            finally:
                await asyncio.to_thread(ended, node)


ROOM = 1234
JANUS = """
general: {{ configs_folder = "{folder}" plugins_folder = "{lib}/plugins" transports_folder = "{lib}/transports"
            events_folder = "{lib}/events" loggers_folder = "{lib}/loggers" debug_level = 3 event_loops = 1 }}
media: {{ rtp_port_range = "20000-40000" }}
nat: {{ ice_enforce_list = "{host}" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
SOCKETS = 'general: { json = "compact" ws = true ws_port = 8188 ws_ip = "127.0.0.1" wss = false }\n'


class Janus:
    """The VideoRoom by its WebSocket API; one session, a handle for each peer."""

    steers, at_once = False, 40

    def __init__(self, line: Any, pid: int) -> None:
        self._line, self.pids = line, (pid,)
        self._count = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._session = 0
        self._publishers = 0

    async def listen(self) -> None:
        async for text in self._line:
            message = json.loads(text)
            waiting = self._waiting.get(message.get("transaction", ""))
            if waiting is not None and message["janus"] != "ack" and not waiting.done():
                waiting.set_result(message)

    async def keep_alive(self) -> None:
        while True:
            await asyncio.sleep(20)
            await self._line.send(json.dumps({"janus": "keepalive", "session_id": self._session, "transaction": "alive"}))

    async def _ask(self, **message: Any) -> dict[str, Any]:
        number = f"t{next(self._count)}"
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        session = {"session_id": self._session} if self._session else {}
        await self._line.send(json.dumps({**message, **session, "transaction": number}))
        answer = await asyncio.wait_for(future, 30)
        if "error" in answer or "error" in answer.get("plugindata", {}).get("data", {}):
            raise RuntimeError(f"Janus: {answer}")
        return answer

    async def _attach(self) -> int:
        answer = await self._ask(janus="attach", plugin="janus.plugin.videoroom")
        return int(answer["data"]["id"])

    async def expect(self, publishers: int, subscribers: int) -> None:
        self._publishers = publishers
        self._session = (await self._ask(janus="create"))["data"]["id"]
        # As little to do as it can have: extensions it would rewrite are off, the bitrate is not limited.
        room = {"room": ROOM, "publishers": publishers, "bitrate": 0, "audiocodec": "opus", "videocodec": "vp8"}
        off = ("audiolevel_ext", "videoorient_ext", "playoutdelay_ext", "transport_wide_cc_ext", "record")
        body = {"request": "create", **room, **dict.fromkeys(off, False)}
        await self._ask(janus="message", handle_id=await self._attach(), body=body)

    async def publish(self, number: int, client: Client) -> None:
        handle = await self._attach()
        body: dict[str, Any] = {"request": "join", "ptype": "publisher", "room": ROOM, "id": 100 + number}
        await self._ask(janus="message", handle_id=handle, body=body)
        jsep = {"type": "offer", "sdp": client.describe(client.sections, "active"), "trickle": False}
        answer = await self._ask(janus="message", handle_id=handle, body={"request": "publish"}, jsep=jsep)
        await client.connect(Remote.parse(answer["jsep"]["sdp"]))

    async def subscribe(self, number: int, client: Client) -> None:
        handle = await self._attach()
        feeds = [{"feed": 100 + n} for n in range(self._publishers)]
        body: dict[str, Any] = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": feeds}
        offer = Remote.parse((await self._ask(janus="message", handle_id=handle, body=body))["jsep"]["sdp"])
        client.sections = [Section(mid, lines[0][2:7], "recvonly") for mid, lines in offer.sections.items()]
        jsep = {"type": "answer", "sdp": client.describe(client.sections, "active"), "trickle": False}
        await self._ask(janus="message", handle_id=handle, body={"request": "start"}, jsep=jsep)
        await client.connect(offer, controlling=False)


@asynccontextmanager
async def janus(core: int) -> AsyncIterator[Janus]:
    lib = next(Path("/usr/lib").glob("*/janus"))
    with tempfile.TemporaryDirectory(prefix="meetroom-bench-") as name:
        folder = Path(name)
        needed = {"plugins": "videoroom", "transports": "websockets"}
        others = {what: ",".join(f.name for f in lib.glob(f"{what}/*.so") if one not in f.name) for what, one in needed.items()}
        (folder / "janus.jcfg").write_text(JANUS.format(folder=folder, lib=lib, host=HOST, **others))
        (folder / "janus.transport.websockets.jcfg").write_text(SOCKETS)
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
        with open(folder / "log", "wb") as log:
            process = spawn(["janus", "-F", str(folder)], core, stdout=log, stderr=log)
        try:
            line = None
            while line is None:
                try:
                    line = await websockets.connect(
                        "ws://127.0.0.1:8188", subprotocols=[websockets.Subprotocol("janus-protocol")], max_size=None
                    )
                except OSError:
                    if process.poll() is not None:
                        raise RuntimeError((folder / "log").read_text()) from None
                    await asyncio.sleep(0.1)
            room = Janus(line, process.pid)
            tasks = [asyncio.create_task(room.listen()), asyncio.create_task(room.keep_alive())]
            try:
                yield room
            finally:
                for task in tasks:
                    task.cancel()
                await line.close()
        finally:
            await asyncio.to_thread(ended, process)
