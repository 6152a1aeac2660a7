"""Recordings of a real call: VP8 and Opus from two participants through the node into a file."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from media.recorder import Recorder, path_of
from meetroom.conference.schema import PeerPlan, Record, RecordingState
from tests.media.clients import Client
from tests.media.driver import MEETING, Driver, camera, driven, until
from tests.media.footage import Film, Seen

SPEAKERS = (PeerPlan(peer="dark", heard=True), PeerPlan(peer="bright", heard=True))
DARK, BRIGHT = 60, 190


def record(stage: str | None = "dark", chapter: str = "Khai mạc", number: int = 3) -> Record:
    return Record(recording_id=number, stage=camera(stage) if stage else None, chapter=chapter)


def run(folder: Path | None, scene: Callable[[Driver], Awaitable[None]]) -> None:
    async def play() -> None:
        async with driven(folder=folder) as driver:
            await scene(driver)

    asyncio.run(play())


async def joined(driver: Driver) -> list[Client]:
    clients = [Client(driver, "dark", luma=DARK, video=1, audio=1), Client(driver, "bright", luma=BRIGHT, video=1, audio=1)]
    for client in clients:
        await client.join()
    await until(lambda: len(driver.reports) == 2 and all(r.state == "connected" for r in driver.reports.values()))
    return clients


async def filmed(path: Path, enough: Callable[[Film], bool], seconds: float = 30.0) -> None:
    """Waits for that to be in the file. It plays on another thread and without its sound: whoever played all of it again and
    again beside the call would keep the clients in it from speaking in time."""
    async with asyncio.timeout(seconds):
        while not enough(await asyncio.to_thread(Film, path, silent=True)):
            await asyncio.sleep(0.2)


def near(seen: Seen, luma: int) -> bool:
    return abs(seen.luma - luma) < 12


def test_stage_voices_and_chapters_of_a_call(tmp_path: Path) -> None:
    async def scene(driver: Driver) -> None:
        path = path_of(tmp_path, MEETING, 3)
        driver.plan(*SPEAKERS, always=("dark",), record=record())
        clients = await joined(driver)
        await filmed(path, lambda film: len(film.pictures) > 15)
        assert driver.node.recordings == (3,)
        driver.plan(*SPEAKERS, always=("bright",), record=record("bright", "Báo cáo"))
        await filmed(path, lambda film: sum(near(p, BRIGHT) for p in film.pictures) > 15)
        driver.plan(*SPEAKERS)
        await until(lambda: driver.recordings)
        assert driver.node.recordings == ()
        [report] = driver.recordings
        assert (report.recording_id, report.state, report.problem) == (3, RecordingState.READY, "")
        assert [chapter.title for chapter in report.chapters] == ["Khai mạc", "Báo cáo"]

        film = Film(path)
        assert sorted(film.codecs) == ["opus", "opus", "vp8"]
        changed = next(p.at for p in film.pictures if near(p, BRIGHT))
        assert all(near(p, DARK if p.at < changed else BRIGHT) for p in film.pictures)
        assert abs(changed - report.chapters[1].at) < 1.5
        first, second = film.sounds  # the floor holder's voice is on the first track
        for voice, before, after in ((first, 300 + DARK, 300 + BRIGHT), (second, 300 + BRIGHT, 300 + DARK)):
            early = [h.hertz for h in voice if voice[0].at + 0.5 < h.at < report.chapters[1].at - 0.5]
            late = [h.hertz for h in voice if h.at > report.chapters[1].at + 1.0]
            for part, right, wrong in ((early, before, after), (late, after, before)):
                assert sum(abs(hertz - right) < 60 for hertz in part) > 0.5 * len(part) > 0
                assert sum(abs(hertz - wrong) < 60 for hertz in part) < 0.1 * len(part)
        for client in clients:
            await client.leave()

    run(tmp_path, scene)


def test_a_recording_that_ended_is_told_again_and_never_begins_again(tmp_path: Path) -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="dark"), record=record())
        driver.plan(PeerPlan(peer="dark"), record=record(number=4))
        await until(lambda: [r.recording_id for r in driver.recordings] == [3])
        assert (driver.recordings[0].state, driver.recordings[0].problem) == (RecordingState.FAILED, "empty")
        driver.plan(PeerPlan(peer="dark"), record=record())
        await until(lambda: [r.recording_id for r in driver.recordings] == [3, 4])
        assert driver.node.recordings == ()
        driver.node.greeted()
        assert [r.recording_id for r in driver.recordings] == [3, 4, 3, 4]

    run(tmp_path, scene)


def test_a_node_without_a_folder_records_nothing() -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(PeerPlan(peer="dark"), record=record())
        assert driver.node.recordings == ()

    run(None, scene)


def test_the_end_of_the_node_completes_the_file(tmp_path: Path) -> None:
    async def scene(driver: Driver) -> None:
        driver.plan(*SPEAKERS, record=record())
        await joined(driver)
        await filmed(path_of(tmp_path, MEETING, 3), lambda film: len(film.pictures) > 5)

    run(tmp_path, scene)
    film = Film(path_of(tmp_path, MEETING, 3))
    assert film.chapters == [(0.0, "Khai mạc")]


def test_a_full_disk_ends_the_recording_and_not_the_meeting(tmp_path: Path) -> None:
    async def scene(driver: Driver) -> None:
        hall = Client(driver, "hall", video=1, audio=1)
        driver.plan(*SPEAKERS, PeerPlan(peer="hall", stage=camera("dark")), record=record())
        clients = await joined(driver)
        await hall.join()
        await until(lambda: hall.frames.get("0", 0) > 3)
        recorder: Recorder = driver.node._recordings._by_meeting[MEETING].recorder
        recorder._reserve = 1 << 60  # more than any disk has
        await until(lambda: driver.recordings)
        assert driver.recordings[0].problem == "disk_full"
        before = hall.frames["0"]
        await until(lambda: hall.frames["0"] > before + 5)
        driver.plan(*SPEAKERS, PeerPlan(peer="hall", stage=camera("dark")), record=record(chapter="Báo cáo"))
        assert driver.node.recordings == ()
        for client in (*clients, hall):
            await client.leave()

    run(tmp_path, scene)
