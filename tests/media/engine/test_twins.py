"""Whatever comes, every engine does the same. Without a native engine the reference is compared with itself, which tests
the comparison."""

import asyncio
import os
import struct
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media import rtcp, rtp
from media.engine import Name
from media.engine.srtp import PROFILES
from tests.media.engine.endpoint import ENGINES, IDS
from tests.media.engine.twins import SLOTS, SOURCES, Pair, feeds, twins

OTHERS = ENGINES[1:] or ENGINES
Scene = Callable[[Pair], Awaitable[None]]


@pytest.fixture(params=OTHERS)
def side_by_side(request: pytest.FixtureRequest) -> Callable[[Scene, str], None]:
    def play(scene: Scene, profile: str) -> None:
        async def played() -> None:
            async with twins("reference", request.param, profile) as pair:
                await scene(pair)
                await pair.compare()

        asyncio.run(played())

    return play


SideBySide = Callable[[Scene, str], None]


async def both_layers(pair: Pair, *, key: bool = False, fate: str = "") -> None:
    await pair.frame("cam.q", key=key)
    await pair.frame("cam.h", key=key, parts=3, fate=fate)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_talk_with_losses_and_switches(side_by_side: SideBySide, profile: str) -> None:
    """Over the wraps of sequence numbers, timestamps and picture ids."""

    async def scene(pair: Pair) -> None:
        for slot in ("v0", "v1", "t0", "w1"):
            await pair.bind(slot, "cam", 0)
        for slot in ("a0", "b0", "u0"):
            await pair.bind(slot, "mic", 0)
        await pair.bind("w0", "other", 0)
        await both_layers(pair, key=True)
        for i in range(60):
            await both_layers(pair, key=i == 31, fate=("", "", "l", "d", " t", "", "ld")[i % 7])
            await pair.frame("mic")
            await pair.frame("other.h264", key=i in (5, 40), parts=3 if i % 2 else 1, fate="l" if i % 9 == 8 else "")
            if i == 20:
                await pair.pause()
                for back in range(1, 12):
                    await pair.repair("cam.h", back)
            if i == 30:
                await pair.bind("v0", "cam", 1)
                await pair.bind("v1", "other", 0)
                await pair.bind("a0", "voice", 0)
            if i == 40:
                await pair.ask("v0", [1, 2, 5, 0, 300])
                await pair.ask("w0", [1, 3])
                assert await pair.tell([1000, 1100, None, 1400, 1200, None, 1900]) == (7, 2)
                assert await pair.tell([1000, 1100, 1150, 1400]) == (0, 0)
                report = rtcp.Report(500, 255, -5, 70000, 9, 0xFFFFFFFF, 65536)
                await pair.junk("hall", rtcp.receiver_report(9, [report, rtcp.Report(502, lost=8388607)]), control=True)
                await pair.junk("one", rtcp.sender_report(200, rtcp.ntp(1e9), 1, 2, 3, "one"), control=True)
                await pair.bind("t0", "cam", 1, stills=True)
            if i > 30:
                await pair.frame("voice")
                await pair.frame("other.vp8", key=i == 50)
        await pair.bind("t0", "cam", 1)
        await both_layers(pair, key=True)
        await pair.leave("hall")
        await both_layers(pair)
        await pair.come_back("hall")
        await both_layers(pair)
        await both_layers(pair, key=True)
        await pair.pause()
        assert pair.twins[0].came == pair.numbered
        shown = pair.twins[0].out
        assert len(shown["hall", 500]) > 60
        assert len(shown["hall", 501]) == 3
        assert {("tap", 520), ("tap", 521), ("wall", 510), ("wall", 512), ("wall", 513)} <= shown.keys()

    side_by_side(scene, profile)


def test_what_would_be_different_is_found() -> None:
    """The comparison can fail."""

    async def scene() -> None:
        async with twins("reference", "reference") as pair:
            await pair.bind("v0", "cam", 0)
            await pair.frame("cam.q", key=True)
            await pair.compare()
            one, other = pair.twins
            sequence = other.out["hall", 500][0]
            for change in (
                {"marker": not sequence.packet.marker},
                {"payload_type": 121},
                {"payload": sequence.packet.payload[:-5] + b"!" + sequence.packet.payload[-4:]},
                {"extensions": {**sequence.packet.extensions, IDS.mid: b"v9"}},
            ):
                other.out["hall", 500] = [sequence._replace(packet=sequence.packet._replace(**change))]
                with pytest.raises(AssertionError):
                    await pair.compare()
            other.out["hall", 500] = [sequence, sequence]
            with pytest.raises(AssertionError):
                await pair.compare()
            other.out["hall", 500] = [sequence]
            other.ears.shown.append((other.slots["v0"], None))
            with pytest.raises(AssertionError):
                await pair.compare()

    asyncio.run(scene())


VIDEO_SLOTS = [name for name, (_, spec) in SLOTS.items() if spec.codecs[0].name != "opus"]
FEEDS = list(feeds())
PICTURES = [name for name in FEEDS if name not in ("mic", "voice")]
ANY_SLOT = st.sampled_from(list(SLOTS))
FATES = st.text(" ldt", max_size=3)
JUNK = st.binary(max_size=40)
STEP = st.one_of(
    *(4 * [st.tuples(st.just("frame"), st.sampled_from(FEEDS), st.booleans(), st.integers(1, 3), FATES)]),
    st.tuples(st.just("padding"), st.sampled_from(PICTURES)),
    st.tuples(st.just("repair"), st.sampled_from(PICTURES), st.integers(0, 6)),
    st.tuples(st.just("renew"), st.sampled_from(FEEDS)),
    st.tuples(st.just("leap"), st.sampled_from(FEEDS), st.sampled_from([20, 1100, 30000])),
    *(2 * [st.tuples(st.just("bind"), ANY_SLOT, st.sampled_from(list(SOURCES)), st.integers(0, 1), st.booleans())]),
    st.tuples(st.just("unbind"), ANY_SLOT),
    st.tuples(st.just("ask"), st.sampled_from(VIDEO_SLOTS), st.lists(st.integers(0, 8), min_size=1, max_size=4, unique=True)),
    st.tuples(st.just("tell"), st.lists(st.none() | st.integers(0, 4000), min_size=1, max_size=12)),
    st.tuples(st.just("source"), st.sampled_from(list(SOURCES))),
    st.tuples(st.just("leave"), st.sampled_from(["hall", "wall"])),
    st.tuples(st.just("back"), st.sampled_from(["hall", "wall"])),
    st.tuples(st.just("pause")),
    st.tuples(st.just("rtp"), st.sampled_from(["one", "hall"]), st.integers(96, 101), st.booleans(), JUNK),
    st.tuples(st.just("rtcp"), st.sampled_from(["one", "hall"]), st.integers(200, 206), st.integers(0, 31), JUNK),
)


async def make(pair: Pair, step: tuple) -> None:  # type: ignore[type-arg]
    match step:
        case ("frame", feed, key, parts, fate):
            await pair.frame(feed, key=key, parts=1 if feed in ("mic", "voice") else parts, fate=fate[:parts])
        case ("padding", feed):
            await pair.padding(feed)
        case ("repair", feed, back):
            await pair.repair(feed, back)
        case ("renew", feed):
            if feed != "screen":  # its SSRCs were named once and for all
                await pair.renew(feed)
        case ("leap", feed, by):
            await pair.leap(feed, by)
        case ("bind", slot, source, layer, stills):
            await pair.bind(slot, source, layer if source == "cam" else 0, stills=stills)
        case ("unbind", slot):
            await pair.unbind(slot)
        case ("ask", slot, backs):
            await pair.ask(slot, backs)
        case ("tell", arrivals):
            await pair.tell(arrivals)
        case ("source", source):
            await pair.renew_source(source)
        case ("leave", peer):
            await pair.leave(peer)
        case ("back", peer):
            await pair.come_back(peer)
        case ("pause",):
            await pair.pause()
        case ("rtp", peer, payload_type, extended, data):
            number = len(pair.twins[0].out) + int.from_bytes(data[:2], "big") % 5
            packet = rtp.pack(False, payload_type, number, 0, 7000 + len(data) % 3, b"", data)
            await pair.junk(peer, bytes((packet[0] | 0x10 * extended,)) + packet[1:])
        case ("rtcp", peer, kind, count, data):
            before, after = (rtcp.receiver_report(9, []) if length % 3 else b"" for length in (len(data), count))
            padding = 4 * (count % 4)  # too much now and then
            data += bytes(-len(data) % 4 + 3) + bytes((padding,))
            header = struct.pack("!BBH", (0xA0 if padding else 0x80) | count, kind, len(data) // 4)
            await pair.junk(peer, before + header + data + after, control=True)


@pytest.mark.parametrize("other", OTHERS)
@settings(max_examples=int(os.environ.get("TWINS", "10")), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=10, max_size=60))
def test_whatever_comes(other: Name, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    async def scene() -> None:
        async with twins("reference", other) as pair:
            for slot, source in (("v0", "cam"), ("v1", "other"), ("w0", "other"), ("t0", "cam"), ("a0", "mic")):
                await pair.bind(slot, source, 0)
            for step in steps:
                await make(pair, step)
            await pair.compare()

    asyncio.run(scene())
