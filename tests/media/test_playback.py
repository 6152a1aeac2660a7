"""Recordings as Chromium plays them: over HTTP with ranges, in a plain video element."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import async_playwright

from media.muxer import Muxer
from tests.media.browser import FLAGS
from tests.media.footage import Camera, Microphone

SECONDS = 12
WATCH = """async ({ name, at }) => {
  const video = document.createElement('video'), pen = new OffscreenCanvas(1, 1).getContext('2d')
  const event = (type) => new Promise((done, fail) => {
    video.addEventListener(type, done, { once: true })
    video.addEventListener('error', () => fail(new Error(video.error.message)), { once: true })
  })
  video.muted = true
  video.src = name
  await event('loadedmetadata')
  const seen = []
  for (const second of at) {
    video.currentTime = second
    await event('seeked')
    pen.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1)
    seen.push([second, pen.getImageData(0, 0, 1, 1).data[1], video.videoWidth])
  }
  video.currentTime = at[0]
  await video.play()
  while (video.currentTime < at[0] + 0.5) await event('timeupdate')
  return { duration: video.duration, seekable: video.seekable.end(0), seen }
}"""


def shoot(path: Path, finished: bool) -> None:
    """Dark in a small picture, then bright in a large one; a voice with pauses."""
    muxer = Muxer(path, 0, (1,), 100.0)
    camera, microphone = Camera(), Microphone(500)
    for i in range(SECONDS * 50):
        at = 100 + i * 0.02
        late = i >= SECONDS * 25
        if i % 4 == 0:
            shown = (190, 640, 360) if late else (60, 320, 180)
            for packet in camera.shoot(at, *shown, key=i in (0, SECONDS * 25)):
                muxer.put(0, packet, at)
        if i % 100 < 50:
            muxer.put(1, microphone.say(at), at)
        if i % 50 == 49:
            muxer.step(at)
            muxer.writer.sync()
    if finished:
        muxer.finish(100.0 + SECONDS)
    muxer.writer.close()


def test_whole_or_not_a_recording_plays_and_can_be_sought_in(tmp_path: Path) -> None:
    shoot(tmp_path / "whole.webm", finished=True)
    shoot(tmp_path / "lost.webm", finished=False)
    data = (tmp_path / "whole.webm").read_bytes()
    (tmp_path / "cut.webm").write_bytes(data[: len(data) * 9 // 10])
    (tmp_path / "index.html").write_text("<!doctype html><title>recording</title>")

    async def play() -> dict[str, Any]:
        app = web.Application()
        app.router.add_static("/", tmp_path)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=False, args=FLAGS)
            page = await browser.new_page()
            await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/index.html")
            at = [8.5, 2.1, 7.2, 4.9]
            watched = {
                name: await page.evaluate(WATCH, {"name": name, "at": at}) for name in ("whole.webm", "lost.webm", "cut.webm")
            }
            await browser.close()
        await runner.cleanup()
        return watched

    for name, watched in asyncio.run(play()).items():
        assert watched["duration"] == watched["seekable"] > SECONDS - 2.5, name
        for second, luma, width in watched["seen"]:
            assert abs(luma - (204 if second > SECONDS / 2 else 51)) < 20, (name, second)
            assert width == (640 if second > SECONDS / 2 else 320), (name, second)
