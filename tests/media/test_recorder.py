import asyncio
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from media.recorder import Recorder, path_of
from meetroom.conference.schema import RecordingState, RecordReport
from tests.media.driver import until
from tests.media.footage import Camera, Film, Microphone

VIDEO, VOICE = 4, 5


class Scene:
    """A recorder, and what it says."""

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        self.path = path_of(folder, 1, 7)
        self.reports: list[RecordReport] = []
        self.asked = 0
        self.recorder = Recorder(folder, 1, 7, (VIDEO, (VOICE,)), self.reports.append, self._ask, reserve)
        self.recorder.chapter("Khai mạc")
        self._camera, self._microphone, self._frames = Camera(), Microphone(500), 0

    def _ask(self) -> None:
        self.asked += 1

    async def shoot(self, seconds: float) -> None:
        """Noise in real time, about 40 kB a second."""
        for _ in range(int(seconds * 10)):
            at = self._frames / 10
            for packet in self._camera.noise(at, key=self._frames == 0):
                self.recorder.put(VIDEO, packet)
            for i in range(5):
                self.recorder.put(VOICE, self._microphone.say(at + i * 0.02))
            self._frames += 1
            await asyncio.sleep(0.1)

    async def ended(self) -> RecordReport:
        await until(lambda: self.reports)
        return self.reports[0]


def play(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())  # type: ignore[arg-type]


def test_a_recording(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path)
        await made.shoot(1.0)
        made.recorder.chapter("Báo cáo")
        await made.shoot(1.0)
        made.recorder.stop()
        report = await made.ended()
        assert (report.meeting_id, report.recording_id, report.state, report.problem) == (1, 7, RecordingState.READY, "")
        assert report.bytes == made.path.stat().st_size
        assert [chapter.title for chapter in report.chapters] == ["Khai mạc", "Báo cáo"]
        assert report.chapters[1].at == pytest.approx(1.0, abs=0.4)
        seen = Film(made.path)
        assert seen.duration == pytest.approx(report.seconds, abs=0.1) == pytest.approx(2.0, abs=0.5)
        assert len(seen.pictures) == 20
        assert made.asked  # before the first key frame

    play(scene)


def test_while_it_goes_on_the_file_is_two_seconds_behind(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path)
        await made.shoot(1.0)
        await until(lambda: len(Film(made.path).pictures) >= 9)
        made.recorder.stop()
        await made.ended()

    play(scene)


def test_nothing_recorded(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path)
        made.recorder.stop()
        report = await made.ended()
        assert (report.state, report.problem, report.bytes) == (RecordingState.FAILED, "empty", 0)
        assert not made.path.exists()

    play(scene)


def test_a_full_disk_ends_the_recording_and_leaves_what_fitted(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (450_000, hard))
        try:
            shooting = asyncio.create_task(made.shoot(8.0))
            report = await made.ended()
            shooting.cancel()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (report.state, report.problem) == (RecordingState.READY, "disk_full")
        assert report.bytes == made.path.stat().st_size < 450_000
        seen = Film(made.path)
        assert seen.pictures
        assert seen.duration == pytest.approx(report.seconds, abs=0.1)
        assert seen.chapters == [(0.0, "Khai mạc")]

    play(scene)


def test_room_is_left_to_others(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path, reserve=1 << 60)
        report = await made.ended()
        assert (report.state, report.problem) == (RecordingState.FAILED, "disk_full")
        assert not made.path.exists()

    play(scene)


def test_no_folder(tmp_path: Path) -> None:
    async def scene() -> None:
        made = Scene(tmp_path / "not there")
        report = await made.ended()
        assert (report.state, report.problem) == (RecordingState.FAILED, "disk_error")

    play(scene)
