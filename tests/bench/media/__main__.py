"""`make bench-media`: what the media node does for many, against Janus in the same run.

The server is pinned to the first core and the load to the second (in the conference the server's processes have both); all of
it is in a network namespace of its own. All of it takes some nine minutes on a quiet machine; `MEDIA="1x100 conference"` runs
parts. Latencies and costs are of loopback: kernel included, no network card.

Loopback bills the receivers' half of the kernel's work to whoever sends; that is so for both servers, and nothing is done
about it: it was a sixth of our cost per packet, and on a network neither would pay it.

`--srtp browser` offers what Chromium 156 was seen to offer, in its order: AES-CM first, then AES-GCM with 256 and 128 bits. As
the browser is the client of DTLS with both servers, and both prefer GCM, it is GCM that browsers get. The default is AES-CM,
which every browser must know (RFC 8827). Both are worth looking at: Janus gains much more by GCM than we do, as the HMAC of the
library it is built with is slow.

Frames leave in one go, as they do in Chromium 156: 4 to 6 packets within 0.1 ms in the median, at 0.8 Mbit/s.
"""

import argparse
import asyncio
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.bench.figures import Figure, keep
from tests.bench.media import conference, fanout, machine
from tests.bench.media.sfu import janus, ours

SCENARIOS = [
    fanout.Scenario("1x100", 1, 100, 1500),
    fanout.Scenario("1x200", 1, 200, 1500),
    fanout.Scenario("1x500", 1, 500, 1500),
    fanout.Scenario("10x30", 10, 30, 300),
]
# Players are sent everything from the beginning, so that the rate can be raised in steps.
CROWD = fanout.Scenario("pps", 1, 500, 1500, players=True)
PARTS = [*(scenario.name for scenario in SCENARIOS), "pps", "conference"]
OUT = Path("build/bench/media.jsonl")
PROFILES = {
    "cm": "SRTP_AES128_CM_SHA1_80",
    "gcm": "SRTP_AEAD_AES_128_GCM",
    "browser": "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM",
}


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-media MEDIA=...", description="measure the media node")
    parser.add_argument("--engine", choices=("native", "reference"), help="packet engine of the node")
    parser.add_argument("--srtp", choices=tuple(PROFILES), default="cm")
    parser.add_argument(
        "--browsers",
        action="store_true",
        help="subscribers give transport-wide feedback, for which ours asks and Janus does not; else both get receiver reports",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--points", type=int, default=87)
    parser.add_argument("--conference-seconds", type=float, default=60.0)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all of them")
    return parser.parse_args()


async def fan_out(scenario: fanout.Scenario, asked: argparse.Namespace, cores: tuple[int, int]) -> list[Figure]:
    rounds: dict[str, list[fanout.Round]] = {"ours": [], "janus": []}
    for _ in range(asked.rounds):
        for name, sfu in (("ours", partial(ours, asked.engine)), ("janus", janus)):
            like = replace(scenario, players=not asked.browsers)
            async with fanout.filled(like, sfu(cores[0]), PROFILES[asked.srtp], cores) as hall:
                one = await hall.window(asked.seconds)
            rounds[name].append(one)
            print(f"{scenario.name:>6} {name:<6} {one}", flush=True)

    def against(name: str, value: str, unit: str) -> Figure:
        return Figure(name, fanout.median(rounds["ours"], value), unit, "janus", fanout.median(rounds["janus"], value))

    figures = [against(f"sfu.us_per_packet.{scenario.name}", "us_per_packet", "us")]
    if scenario.name == "1x200":
        figures += [against("sfu.p99_ms.1x200", "p99_ms", "ms"), against("sfu.loss_pct.1x200", "loss_pct", "%")]
        figures += [against("sfu.kib_per_subscriber", "kib_per_subscriber", "KiB")]
    return figures


async def most(asked: argparse.Namespace, cores: tuple[int, int]) -> list[Figure]:
    async with fanout.filled(CROWD, ours(asked.engine, cores[0]), PROFILES[asked.srtp], cores) as hall:
        best = await fanout.most(hall, asked.seconds / 2, lambda one: print(f"   pps ours   {one}", flush=True))
    return [
        Figure("sfu.pps_per_core", best.packets_per_second, "/s"),
        Figure("sfu.pps_per_core.generator", best.own, "cores"),
    ]


async def conference_of(asked: argparse.Namespace) -> list[Figure]:
    one = await conference.hold(asked.points, asked.conference_seconds, None, PROFILES["browser"])
    print(one, flush=True)
    return [
        Figure(f"conference.{asked.points}.cores", one.media_cores, "cores"),
        Figure(f"conference.{asked.points}.loss_pct", one.loss_pct, "%"),
        Figure(f"conference.{asked.points}.p99_ms", one.p99_ms, "ms"),
        Figure(f"conference.{asked.points}.setup_s", one.setup_s, "s"),
        Figure(f"conference.{asked.points}.web_ms", one.web_ms, "ms"),
    ]


async def main() -> None:
    asked = flags()
    first, *others = sorted(os.sched_getaffinity(0))
    cores = first, (others or [first])[0]
    machine.isolate()
    machine.pin(cores[1])
    figures: list[Figure] = []
    try:
        for scenario in SCENARIOS:
            if scenario.name in asked.parts:
                figures += await fan_out(scenario, asked, cores)
        if "pps" in asked.parts:
            figures += await most(asked, cores)
        if "conference" in asked.parts:
            figures += await conference_of(asked)
    finally:  # what was measured is kept, whatever became of the rest
        keep(figures, OUT)


if __name__ == "__main__":
    asyncio.run(main())
