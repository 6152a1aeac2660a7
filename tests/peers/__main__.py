"""`make peers`: a call of everybody who should be able to take part. Chromium, Firefox, aiortc and GStreamer (by WHIP, in
VP8 and H.264) all send; all of them receive all others, and GStreamer also plays the stage (WHEP). Prints what each
side's own statistics say; ends with 1 if a picture or a voice does not arrive."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import async_playwright

from meetroom.conference.schema import MediaOffer, PeerPlan
from tests.media.browser import FLAGS, ROOT
from tests.media.clients import Client
from tests.media.driver import MEETING, Driver, camera, driven
from tests.peers.firefox import firefox

SECONDS = 12.0
SENDERS = ("chromium", "firefox", "aiortc", "gst-vp8", "gst-h264")
PLAYERS = {"play-vp8": ("chromium", "vp8"), "play-h264": ("gst-h264", "h264")}
LEAST = {"video": 50, "audio": 200}  # frames decoded in SECONDS

STATS = """(async () => {
  const report = [...(await (CONNECTION).getStats()).values()], by = new Map(report.map((entry) => [entry.id, entry]))
  const pair = report.find((entry) => entry.type === 'candidate-pair' && entry.nominated)
  return report.filter((entry) => /^(in|out)bound-rtp$/.test(entry.type)).map((entry) => ({
    type: entry.type, kind: entry.kind, mid: entry.mid, rid: entry.rid ?? '', codec: by.get(entry.codecId)?.mimeType ?? '',
    size: entry.frameWidth ? entry.frameWidth + 'x' + entry.frameHeight : '', bytes: entry.bytesReceived ?? entry.bytesSent ?? 0,
    frames: entry.framesDecoded ?? entry.framesEncoded ?? 0, keys: entry.keyFramesDecoded ?? entry.keyFramesEncoded ?? 0,
    packets: entry.packetsReceived ?? entry.packetsSent ?? 0, lost: entry.packetsLost ?? 0, nack: entry.nackCount ?? 0,
    pli: entry.pliCount ?? 0, jitter: Math.round((entry.jitter ?? 0) * 1e4) / 10, freezes: entry.freezeCount ?? 0,
    samples: entry.totalSamplesReceived ?? 0, concealed: entry.concealedSamples ?? 0,
    rtt: pair ? Math.round((pair.currentRoundTripTime ?? 0) * 1000) : 0,
  }))
})()"""
COLUMNS = ("codec", "size", "frames", "keys", "kbps", "packets", "lost", "nack", "pli", "jitter", "freezes", "rtt")


@asynccontextmanager
async def site(driver: Driver, folder: Path) -> AsyncIterator[str]:
    """The page, and what the server does for it."""
    compiler = ROOT / "web/node_modules/.bin/tsc"
    options = ["--target", "ES2022", "--module", "ESNext", "--moduleResolution", "bundler", "--skipLibCheck"]
    subprocess.run([compiler, *options, "--outDir", folder, ROOT / "web/src/call.ts"], check=True)
    shutil.copy(ROOT / "tests/media/page/index.html", folder)

    async def page(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"] or "index.html"
        paths = [path for path in (folder / name, folder / f"{name}.js") if path.is_file()]
        return web.FileResponse(paths[0]) if paths else web.Response(status=404)

    async def offer(request: web.Request) -> web.Response:
        asked = MediaOffer(meeting_id=MEETING, peer=request.match_info["peer"], **await request.json())
        return web.json_response(driver.node.offer(asked).model_dump())

    async def whip(request: web.Request) -> web.Response:
        asked = MediaOffer(meeting_id=MEETING, peer=request.match_info["peer"], sdp=await request.text())
        return web.Response(status=201, text=driver.node.offer(asked).sdp, content_type="application/sdp")

    async def slots(request: web.Request) -> web.Response:
        return web.json_response([slot.model_dump() for slot in driver.shown.get(request.match_info["peer"], ())])

    async def asked(request: web.Request) -> web.Response:
        sources = driver.asked.get(request.match_info["peer"], {})
        return web.json_response([{"kind": kind, "layer": layer} for kind, layer in sources.items()])

    app = web.Application()
    routes = [web.post("/offer/{peer}", offer), web.post("/whip/{peer}", whip)]
    routes += [web.get("/slots/{peer}", slots), web.get("/asked/{peer}", asked)]
    app.add_routes([*routes, web.get("/{name:.*}", page)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Browser:
    """A page of either browser in the call."""

    def __init__(self, name: str, page: Any, url: str) -> None:
        self.name, self.page, self.url = name, page, url

    async def join(self) -> None:
        await self.page.goto(self.url + "/")
        await self.page.evaluate(
            f"""(async () => {{
              while (!window.ready) await new Promise((done) => setTimeout(done, 50))
              window.offer = async (offer) => (await fetch('/offer/{self.name}',
                {{ method: 'POST', body: JSON.stringify(offer) }})).json()
              const make = RTCPeerConnection
              window.RTCPeerConnection = function (...how) {{ return (window.connection = new make(...how)) }}
              await join({{ gum: true, video: {len(SENDERS)}, audio: {len(SENDERS)} }})
              const asked = async () => (await fetch('/asked/{self.name}')).json()
              setInterval(async () => call.pause(await asked()), 300)
              setInterval(async () => call.showSlots(await (await fetch('/slots/{self.name}')).json()), 300)
            }})()"""
        )

    async def stats(self) -> list[dict[str, Any]]:
        return await self.page.evaluate(STATS.replace("CONNECTION", "window.connection"))


def address() -> str:
    """Of this machine in its network: Firefox and GStreamer do not go to a loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return probe.getsockname()[0]


async def gstreamer(role: str, url: str, name: str, codec: str) -> dict[str, Any]:
    command = ("/usr/bin/python3", str(ROOT / "tests/peers/gst.py"), role, f"{url}/whip/{name}", codec, str(SECONDS + 8))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return json.loads(out)


async def call() -> int:
    wants = {name: camera(name) for name in SENDERS}
    plans = [
        PeerPlan(peer=name, heard=True, gallery=tuple(want for other, want in wants.items() if other != name)) for name in SENDERS
    ]
    plans += [PeerPlan(peer=name, stage=camera(source)) for name, (source, _) in PLAYERS.items()]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with (
            driven("0.0.0.0", announce=address()) as driver,
            site(driver, folder / "site") as url,
            async_playwright() as playwright,
        ):
            driver.plan(*plans)
            context = await playwright.chromium.launch_persistent_context(
                folder / "chromium", executable_path="/usr/bin/chromium", headless=False, args=FLAGS
            )
            async with firefox(folder / "firefox") as tab:
                browsers = [Browser("chromium", await context.new_page(), url), Browser("firefox", tab, url)]
                aiortc = Client(driver, "aiortc", luma=120, video=len(SENDERS), audio=len(SENDERS))
                for peer in (*browsers, aiortc):
                    await peer.join()
                machines = [
                    *(("whip", url, f"gst-{codec}", codec) for codec in ("vp8", "h264")),
                    *(("whep", url, name, codec) for name, (_, codec) in PLAYERS.items()),
                ]
                running = [asyncio.create_task(gstreamer(*machine)) for machine in machines]
                names = {*SENDERS, *PLAYERS}
                for _ in range(150):
                    connected = {name for name, report in driver.reports.items() if report.state == "connected"}
                    if connected >= names:
                        break
                    await asyncio.sleep(0.2)
                for name in sorted(names - connected):
                    print(f"MISSING: {name} did not connect")
                began = {peer.name: await peer.stats() for peer in browsers}
                await asyncio.sleep(SECONDS)
                feeds = {name: driver.feeds(name) for name in names}
                reports = dict(driver.reports)
                missing = len(names - connected)
                for peer in browsers:
                    missing += show(peer.name, feeds[peer.name], began[peer.name], await peer.stats())
                missing += heard_by_aiortc(feeds["aiortc"], aiortc)
                for (role, _, name, _), task in zip(machines, running, strict=True):
                    missing += show_machine(role, name, feeds[name], await task)
                await aiortc.leave()
                print("\nThe node's own report of each")
                for name, report in sorted(reports.items()):
                    figures = report.model_dump(exclude={"meeting_id", "peer", "state"}, exclude_defaults=True)
                    print(f"  {name:<12}" + " ".join(f"{key}={value}" for key, value in figures.items()))
            await context.close()
    print("everything arrived" if not missing else f"{missing} streams did not arrive")
    return 1 if missing else 0


def row(label: str, cells: dict[str, Any]) -> None:
    print(f"{label:<34}" + " ".join(f"{column}={cells[column]}" for column in COLUMNS if cells.get(column) not in (None, "", 0)))


def show(name: str, feeds: dict[str, str], before: list[dict[str, Any]], after: list[dict[str, Any]]) -> int:
    """One browser's getStats; returns how many of its slots had nothing to play."""
    print(f"\n{name}, getStats over {SECONDS:.0f} s")
    known = {(entry["type"], entry["mid"], entry["rid"]): entry for entry in before}
    missing, arrived = 0, set()
    for entry in sorted(after, key=lambda entry: (entry["type"], entry["kind"], entry["mid"], entry["rid"])):
        earlier = known.get((entry["type"], entry["mid"], entry["rid"]), {})
        cells = {**entry, **{key: entry[key] - earlier.get(key, 0) for key in ("bytes", "frames", "packets", "samples")}}
        cells["kbps"] = round(cells["bytes"] / SECONDS / 125)
        feed = feeds.get(entry["mid"], "")
        if entry["type"] == "inbound-rtp" and feed:
            row(f"  gets {feed}", cells)
            played = cells["frames"] if entry["kind"] == "video" else cells["samples"] / 960
            if played >= LEAST[entry["kind"]]:
                arrived.add(feed)
        elif entry["type"] == "outbound-rtp" and cells["packets"]:
            row(f"  sends {entry['kind']} {entry['rid']}", cells)
    return missing + complain(name, feeds, arrived)


def complain(name: str, feeds: dict[str, str], arrived: set[str]) -> int:
    """Of whoever may be expected: Debian's Firefox has H.264 only with a plug-in from the network."""
    silent = set(feeds.values()) - arrived - ({"gst-h264/camera"} if name == "firefox" else set())
    for feed in sorted(silent):
        print(f"  MISSING: {feed}")
    wanted = {f"{other}/mic" for other in SENDERS if other != name} if name in SENDERS else set()
    return len(silent) + (len(wanted - set(feeds.values())) if not name.startswith("gst") else 0)


def heard_by_aiortc(feeds: dict[str, str], client: Client) -> int:
    print("\naiortc, frames decoded")
    arrived = set()
    for mid, feed in feeds.items():
        frames = client.frames.get(mid, 0) if feed.endswith("camera") else client.sounds.get(mid, 0)
        row(f"  gets {feed}", {"frames": frames})
        if frames >= LEAST["video"]:
            arrived.add(feed)
    return complain("aiortc", feeds, arrived | {feed for feed in feeds.values() if feed.endswith("/mic")})


def show_machine(role: str, name: str, feeds: dict[str, str], said: dict[str, Any]) -> int:
    print(f"\n{name}, GStreamer by {role.upper()}: {said['state']}, first picture after {said['first_s']} s")
    for stream in said["streams"]:
        print("  " + " ".join(f"{key}={value}" for key, value in stream.items()))
    if role == "whip":
        return 0 if said["state"] == "connected" else 1
    print(f"  plays {', '.join(feeds.values())}: {said['frames']} {said['size']}")
    few = [kind for kind in LEAST if said["frames"][kind] < LEAST[kind]]
    for kind in few:
        print(f"  MISSING: {kind}")
    return len(few)


if __name__ == "__main__":
    sys.exit(asyncio.run(call()))
