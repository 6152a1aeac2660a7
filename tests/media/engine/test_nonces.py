"""Under one key no SSRC uses an index twice, whatever comes and goes: that would give away the key stream of AES-GCM. The
receiver is libsrtp, which takes an index once and finds the rollover counter by itself."""

import secrets
from dataclasses import replace

import pylibsrtp
import pytest

from media import rtcp
from media.engine import Engine, Keys, SlotSpec
from media.engine.srtp import PROFILES
from tests.media.engine.endpoint import OPUS, VIDEO, Ears, Endpoint, Run, packet, vp8


async def talk(speaker: Endpoint, listener: Endpoint, first: int, count: int) -> list[int]:
    """The sequence numbers with which so many packets arrive."""
    heard: list[int] = []
    for start in range(first, first + count, 200):
        numbers = range(start, min(start + 200, first + count))
        speaker.send(*(packet(7, n & 0xFFFF, b"sound", kind=111, timestamp=960 * n, mid=b"m") for n in numbers))
        heard += [p.sequence for p in await listener.received()]
    return heard


@pytest.fixture(autouse=True)
def nearly_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """All numbers begin as late as they may."""
    monkeypatch.setattr(secrets, "randbelow", lambda end: end - 1)


@pytest.mark.parametrize("profile", ["SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"])
def test_over_rollovers_and_when_a_slot_comes_back(run: Run, profile: str) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        speaker, listener = Endpoint(ears, profile), Endpoint(ears, profile)
        source, spec = speaker.microphone(), SlotSpec("a0", OPUS, ssrc=500)
        slot = engine.add_slot(listener.peer, spec)
        engine.bind(slot, source, 0)
        heard = await talk(speaker, listener, 100, 200)
        count = 0x10000 - heard[0]  # until it begins anew
        heard += await talk(speaker, listener, 300, count)
        assert heard == [(heard[0] + i) & 0xFFFF for i in range(count + 200)]
        engine.remove_slot(slot)
        engine.set_keys(listener.peer, listener.keys)
        slot = engine.add_slot(listener.peer, spec)
        engine.bind(slot, source, 0)
        again = await talk(speaker, listener, 300 + count, 50)
        assert again == [(heard[-1] + 1 + i) & 0xFFFF for i in range(50)]

    run(scene)


def test_under_new_keys_the_rollover_counter_begins_anew(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        speaker, listener = Endpoint(ears), Endpoint(ears)
        slot = engine.add_slot(listener.peer, SlotSpec("a0", OPUS, ssrc=500))
        engine.bind(slot, speaker.microphone(), 0)
        heard = await talk(speaker, listener, 100, 100)
        await talk(speaker, listener, 200, 0x10000 - heard[0])
        keys = Keys(listener.keys.profile, secrets.token_bytes(28), secrets.token_bytes(28))
        listener._in = pylibsrtp.Session(
            pylibsrtp.Policy(keys.send, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[keys.profile])
        )
        engine.set_keys(listener.peer, keys)
        assert len(await talk(speaker, listener, 200 + 0x10000 - heard[0], 100)) == 100

    run(scene)


def test_an_ssrc_has_one_owner(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        viewer = Endpoint(ears)
        spec = SlotSpec("v0", VIDEO, 500, 501)
        engine.add_slot(viewer.peer, spec)
        for other in (
            spec,
            replace(spec, repair_ssrc=None),
            SlotSpec("v1", VIDEO, 501),
            SlotSpec("v1", VIDEO, 502, 500),
            SlotSpec("v1", VIDEO, 502, 501),
            SlotSpec("v1", VIDEO, 502, 502),
        ):
            with pytest.raises(ValueError):
                engine.add_slot(viewer.peer, other)
        engine.add_slot(Endpoint(ears).peer, spec)  # another peer has other keys

    run(scene)


def test_repairs_go_on_when_their_slot_comes_back(run: Run) -> None:
    async def scene(engine: Engine, ears: Ears) -> None:
        sender, viewer = Endpoint(ears), Endpoint(ears)
        source, spec = sender.camera(), SlotSpec("v0", VIDEO, 500, 501)
        repaired: list[int] = []
        for i in range(5):
            slot = engine.add_slot(viewer.peer, spec)
            engine.bind(slot, source, 0)
            sender.send(packet(1, 10 + i, vp8(i, b"x", key=True), mid=b"c"))
            [seen] = await viewer.received()
            viewer.send_rtcp(rtcp.nack(1, 500, [seen.sequence]))
            [again] = await viewer.received()
            assert again.ssrc == 501
            repaired.append(again.sequence)
            engine.remove_slot(slot)
        assert repaired == [repaired[0] + i for i in range(5)]

    run(scene)
