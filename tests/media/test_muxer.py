import random
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from media import rtp
from media.muxer import H264, OPUS, VP8, Muxer
from tests.media.footage import Camera, Film, Microphone

VIDEO, HOLDER, SECOND = 0, 1, 2


def muxer(path: Path, start: float = 100.0) -> Muxer:
    made = Muxer(path, VIDEO, (HOLDER, SECOND), start)
    made.chapter("Khai mạc", start)
    return made


def near(heard: int, hertz: int) -> bool:
    return abs(heard - hertz) <= 60


def film(path: Path, made: Muxer, now: float) -> Film:
    made.finish(now)
    made.writer.close()
    return Film(path)


def test_a_sitting(tmp_path: Path) -> None:
    """Two voices in turn, the stage changes codec parameters and size, two chapters."""
    made = muxer(tmp_path / "a.webm")
    made.hold(HOLDER, 100.0)
    camera, chair, guest = Camera(), Microphone(500), Microphone(1500, ssrc=3)
    for i in range(400):  # 8 s
        at = 100 + i * 0.02
        if i == 200:
            made.chapter("Báo cáo", at)
        if i % 3 == 0:
            stage = (60, 320, 180) if i < 200 else (200, 640, 360)
            for packet in camera.shoot(at, *stage, key=i in (0, 201)):
                made.put(VIDEO, packet, at + 0.01)
        made.put(HOLDER, chair.say(at, loud=i < 250), at + 0.01)
        made.put(SECOND, guest.say(at, loud=100 < i < 150 or i > 300), at + 0.01)
        made.step(at)
    seen = film(tmp_path / "a.webm", made, 108.0)

    assert seen.codecs == ["vp8", "opus", "opus"]
    assert seen.chapters == [(0.0, "Khai mạc"), (4.0, "Báo cáo")]
    assert seen.duration is not None and 7.8 < seen.duration < 8.1
    assert {p.width for p in seen.pictures if p.at < 4.01} == {320}
    assert {p.width for p in seen.pictures if p.at > 4.01} == {640}
    assert all(abs(p.luma - (60 if p.at < 4.01 else 200)) < 12 for p in seen.pictures)
    assert len(seen.pictures) == 134
    first, second = seen.sounds
    # the holder as long as he speaks, then whoever does; the other voice meanwhile is on the other track
    assert all(near(h.hertz, 500) for h in first if 0.2 < h.at < 4.9)
    assert all(near(h.hertz, 1500) for h in first if 6.3 < h.at < 7.8)
    assert all(near(h.hertz, 1500) for h in second if 2.1 < h.at < 2.9)
    assert all(h.hertz == 0 for h in second if 3.2 < h.at < 5.9)


def test_the_floor_is_handed_over_when_it_was_and_not_when_it_is_written(tmp_path: Path) -> None:
    made = muxer(tmp_path / "a.webm")
    made.hold(HOLDER, 100.0)
    voices = {HOLDER: Microphone(500), SECOND: Microphone(1500, ssrc=3)}
    for i in range(300):
        at = 100 + i * 0.02
        for slot, voice in voices.items():
            made.put(slot, voice.say(at), at)
        if i == 150:
            made.hold(SECOND, at)
        made.step(at)
    for sounds, before, after in zip(film(tmp_path / "a.webm", made, 106.0).sounds, (500, 1500), (1500, 500), strict=True):
        assert all(near(h.hertz, before) for h in sounds if 0.5 < h.at < 2.8)
        assert all(near(h.hertz, after) for h in sounds if 3.2 < h.at < 5.8)


def test_sound_and_picture_stay_together_over_pauses_and_losses(tmp_path: Path) -> None:
    """Each second half a second of tone and white; sound arrives 60 ms sooner than the picture does, sends nothing in
    pauses, and a tenth of it is lost."""
    made = muxer(tmp_path / "a.webm")
    camera, microphone, chance = Camera(), Microphone(500), random.Random(3)
    arrivals: list[tuple[float, int, bytes]] = []
    for i in range(1000):  # 20 s
        at = 100 + i * 0.02
        on = i % 50 >= 25
        if i % 2 == 0:
            arrivals += [(at + 0.05, VIDEO, packet) for packet in camera.shoot(at, 200 if on else 40, key=i == 0)]
        said = microphone.say(at, loud=on)
        if on and chance.random() > 0.1:
            arrivals.append((at + 0.05 + chance.uniform(0, 0.03), HOLDER, said))
    for at, slot, packet in sorted(arrivals, key=lambda arrival: arrival[0]):
        made.put(slot, packet, at)
        made.step(at)
    seen = film(tmp_path / "a.webm", made, 120.0)
    sounds = seen.sounds[0]
    assert all(b.at - a.at < 0.021 for a, b in pairwise(sounds))  # no holes
    bright = [p.at for p, q in zip(seen.pictures[1:], seen.pictures, strict=False) if p.luma > 120 > q.luma]
    loud = [h.at for h, g in zip(sounds[1:], sounds, strict=False) if h.hertz and not g.hertz]
    assert len(bright) == 20
    for at in bright[1:]:
        assert min(abs(at - other) for other in loud) < 0.06


def test_a_voice_behind_a_long_queue_is_late_and_not_lost(tmp_path: Path) -> None:
    made, microphone = muxer(tmp_path / "a.webm"), Microphone(500)
    arrivals = []
    for i in range(500):
        at = 100 + i * 0.02
        queue = 1.2 if 103 < at < 106 else 0.0
        arrivals.append((at + queue, microphone.say(at)))
    for at, packet in sorted(arrivals, key=lambda arrival: arrival[0]):
        made.put(HOLDER, packet, at)
        made.step(at)
    seen = film(tmp_path / "a.webm", made, 111.0)
    assert sum(near(h.hertz, 500) for h in seen.sounds[0]) > 480


def test_h264_and_vp8_each_have_their_track(tmp_path: Path) -> None:
    made = muxer(tmp_path / "a.webm")
    for kind, luma, start in (("h264", 60, 100.0), ("vp8", 200, 102.0), ("h264", 120, 104.0)):
        camera = Camera(kind)
        camera.sequence += int(start) * 100
        for i in range(30):
            for packet in camera.shoot(start + i / 15, luma, key=i == 0):
                made.put(VIDEO, packet, start + i / 15)
        made.step(start + 2)
    seen = film(tmp_path / "a.webm", made, 106.0)
    assert seen.codecs == ["h264", "vp8"]
    assert (tmp_path / "a.webm").read_bytes().find(b"matroska") < 64
    assert [len([p for p in seen.pictures if abs(p.luma - luma) < 12]) for luma in (60, 200, 120)] == [30, 30, 30]


def test_a_long_pause_of_the_disk_changes_nothing(tmp_path: Path) -> None:
    files = []
    for name, every in (("a.webm", 5), ("b.webm", 500)):
        made = muxer(tmp_path / name)
        microphone, camera = Microphone(500), Camera()
        for i in range(500):
            at = 100 + i * 0.02
            made.put(SECOND, microphone.say(at, loud=i % 100 < 50), at)
            if i % 5 == 0:
                for packet in camera.shoot(at, 100, key=i == 0):
                    made.put(VIDEO, packet, at)
            if i % every == every - 1:
                made.step(at)
        film(tmp_path / name, made, 110.0)
        files.append((tmp_path / name).read_bytes())
    assert len(files[0]) == len(files[1])


def test_junk_in_a_slot_ends_nothing(tmp_path: Path) -> None:
    made = muxer(tmp_path / "a.webm")
    now = 100.0

    @given(
        st.sampled_from([VIDEO, HOLDER, 9]),
        st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda b: b"\x80\xe0" + b), st.binary().map(packet_of)),
    )
    def feed(slot: int, packet: bytes) -> None:
        nonlocal now
        now += 0.1
        made.put(slot, packet, now)
        made.step(now)

    feed()
    microphone = Microphone(500)
    for i in range(100):
        made.put(SECOND, microphone.say(now + i * 0.02), now + i * 0.02)
    seen = film(tmp_path / "a.webm", made, now + 2)
    assert sum(near(h.hertz, 500) for h in seen.sounds[0]) > 90


def packet_of(payload: bytes) -> bytes:
    kind = (VP8, H264, OPUS)[len(payload) % 3]
    return rtp.pack(bool(payload and payload[0] & 1), kind, sum(payload), 77 * sum(payload), 1, b"", payload)
