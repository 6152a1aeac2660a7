import random
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from media.depacketize import vp8
from media.rtp import parse
from media.webm import PAGE, Mark, Opus, Video, Writer, element, number
from tests.media.footage import Camera, Film, Microphone

SECONDS = 12


def write(path: Path, *, finished: bool = True) -> None:
    """Grey that grows lighter, a key frame every four seconds, and a tone."""
    writer, camera, microphone = Writer(path), Camera(), Microphone(500)
    video, audio = writer.add_track(Video("V_VP8", 320, 180)), writer.add_track(Opus("1"))
    for i in range(SECONDS * 50):
        at = i * 20
        if i % 5 == 0:
            whole = vp8([parse(p).payload for p in camera.shoot(at / 1000, 40 + at // 100, key=i % 200 == 0)])
            assert whole is not None
            writer.write(video, at, whole[0], whole[1])
        writer.write(audio, at, parse(microphone.say(at / 1000)).payload, True)
        if i % 50 == 49:
            writer.sync()
    if finished:
        writer.finish([Mark(0, "Khai mạc"), Mark(5000, "Thảo luận & biểu quyết")])
    writer.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("webm")
    write(folder / "whole.webm")
    write(folder / "live.webm", finished=False)
    yield folder / "whole.webm", folder / "live.webm"


def test_a_whole_file(files: tuple[Path, Path]) -> None:
    seen = Film(files[0])
    assert seen.codecs == ["vp8", "opus"]
    assert seen.duration == pytest.approx(SECONDS, abs=0.05)
    assert seen.chapters == [(0.0, "Khai mạc"), (5.0, "Thảo luận & biểu quyết")]
    assert len(seen.pictures) == SECONDS * 10
    assert all(abs(p.luma - (40 + p.at * 10)) < 12 for p in seen.pictures)
    assert all(abs(h.hertz - 500) < 60 for h in seen.sounds[0][10:-2])


def test_playing_begins_anywhere(files: tuple[Path, Path]) -> None:
    with av.open(str(files[0])) as container:
        for at, key in ((9.5, 8.0), (3.9, 0.0), (4.0, 4.0)):
            container.seek(int(at * 1e6))
            frame = next(container.decode(video=0))
            assert frame.time == pytest.approx(key)


def test_a_file_without_its_end_says_how_long_it_is_so_far(files: tuple[Path, Path]) -> None:
    seen = Film(files[1])
    assert seen.duration == pytest.approx(SECONDS, abs=0.1)
    assert len(seen.pictures) == SECONDS * 10


@pytest.mark.parametrize("which", [0, 1])
def test_cut_off_anywhere_it_plays_up_to_there(files: tuple[Path, Path], which: int) -> None:
    data = files[which].read_bytes()
    chance = random.Random(which)
    before = 0
    for end in sorted(chance.randrange(PAGE + 2000, len(data)) for _ in range(60)):
        seen = Film(data[:end])
        assert len(seen.pictures) >= before
        before = len(seen.pictures)
        share = (end - PAGE) / (len(data) - PAGE)
        assert before >= (share * SECONDS - 2.5) * 10
        assert abs(seen.pictures[-1].luma - (40 + seen.pictures[-1].at * 10)) < 12


def test_the_page_is_never_longer_than_a_page(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.webm")
    writer.add_track(Video("V_VP8", 16383, 16383))
    writer.add_track(Video("V_MPEG4/ISO/AVC", 16383, 16383, bytes(1000)))
    for i in range(17):
        writer.add_track(Opus(str(i)))
    assert (tmp_path / "a.webm").stat().st_size == PAGE
    writer.close()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    Writer(tmp_path / "a.webm").close()
    with pytest.raises(FileExistsError):
        Writer(tmp_path / "a.webm")


@pytest.mark.parametrize("length", [0, 1, 126, 127, 128, 16382, 16383, 16384])
def test_sizes_are_never_the_one_that_means_unknown(length: int) -> None:
    made = element(0xA3, bytes(length))
    width = len(made) - 1 - length
    size = int.from_bytes(made[1 : 1 + width], "big")
    assert size & ~(1 << 7 * width) == length
    assert length != (1 << 7 * width) - 1
    assert number(0xD7, 0) == b"\xd7\x81\x00"
