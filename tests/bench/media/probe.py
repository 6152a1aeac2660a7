"""Asks the web process what a tablet asks that comes back, ten times a second, and prints how long each answer took, in
milliseconds: a process of its own, because the load's event loop is busy at times."""

import asyncio
import sys
import time

from tests.tablets import connect, trusting

PAUSE = 0.1  # seconds


async def main(host: str, port: str, authority: str, cookie: str, meeting: str) -> None:
    tablet = await connect((host, int(port)), trusting(authority), cookie)
    answer, _ = await tablet.ask("sync", {"meeting_id": int(meeting)})
    while True:
        began = time.perf_counter()
        answer, at = await tablet.ask("sync", {"meeting_id": int(meeting), "since": answer["result"]["revision"]})
        print((at - began) * 1000, flush=True)
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
