"""Which node records, and what becomes of a recording whose node is gone."""

from typing import Any

import pytest

from meetroom.conference.orders import RecordingView
from tests.signaling.process import Process
from tests.sitting import Sitting


@pytest.fixture
def recorded(sitting: Sitting) -> Process:
    """A point on the only node, which records."""
    process = Process(sitting.opened(), "none")
    process.gone("none")
    process.hello("n", records=True)
    process.join("s1", "tanlap")
    sitting.secretary("recording.start")
    return process


def recordings(process: Process) -> list[RecordingView]:
    process.settle()
    return list(process.sitting.see("hanh").recordings)


def write(process: Process, recording: int, size: int) -> None:
    """A node has written so many bytes."""
    process.settle()
    folder = process.media.recordings.files.folder
    folder.mkdir(exist_ok=True)
    process.media.recordings.files.path(process.sitting.meeting, recording).write_bytes(b"\x1a" * size)


def ended(process: Process, recording: int, node: str = "n", **report: Any) -> None:
    order = {"state": "ready", "seconds": 60.0, "bytes": 1000, **report}
    process.media.recordings.recorded(node, {"meeting_id": process.sitting.meeting, "recording_id": recording, **order})


def record(process: Process, node: str = "n") -> dict[str, Any] | None:
    found: dict[str, Any] | None = process.plan(node).get("record")
    return found


def test_stage_and_chapter_are_in_the_plan_until_it_is_stopped(recorded: Process) -> None:
    sitting = recorded.sitting
    first = record(recorded)
    assert first == {"recording_id": 1, "stage": None, "chapter": "Kế hoạch đầu tư công năm 2027"}
    item = sitting.secretary("item.add", title="Giải lao")["id"]
    sitting.secretary("item.start", item_id=item)
    sitting.chair("stage.pin", point_id=sitting.points["tanlap"])
    then = record(recorded)
    assert then is not None and then["chapter"] == "Giải lao" and then["stage"]["layer"] == "f"
    sitting.secretary("recording.stop")
    assert record(recorded) is None
    assert [(one.state, one.ended_at is not None) for one in recordings(recorded)] == [("recording", True)]
    ended(recorded, 1, chapters=[{"at": 0, "title": "Kế hoạch"}])
    assert [(one.state, one.problem, one.seconds) for one in recordings(recorded)] == [("ready", "", 60.0)]


def test_only_a_node_with_the_folder_reports_and_records(sitting: Sitting) -> None:
    process = Process(sitting, "n")
    process.join("s1", "tanlap")
    sitting.secretary("recording.start")
    assert [(one.state, one.problem) for one in recordings(process)] == [("failed", "no_recorder")]
    ended(process, 1)
    assert [one.state for one in recordings(process)] == ["failed"]


def test_a_recorded_meeting_moves_to_a_node_that_records(sitting: Sitting) -> None:
    process = Process(sitting, "a")
    process.join("s1", "tanlap")
    process.hello("b", records=True)
    assert process.planned("a")
    sitting.secretary("recording.start")
    assert process.signalled("moved") == ["s1"] and record(process, "b") and not record(process, "a")


def test_a_broken_line_does_not_end_a_recording(recorded: Process) -> None:
    write(recorded, 1, 50_000)
    recorded.gone("n")
    recorded.hello("n", records=True, recordings=[1])
    assert [one.state for one in recordings(recorded)] == ["recording"] and record(recorded)


def test_a_node_that_was_killed_leaves_a_file_and_the_recording_goes_on_in_another(recorded: Process) -> None:
    write(recorded, 1, 50_000)
    recorded.sitting.pass_time(minutes=1)
    recorded.gone("n")
    assert [one.state for one in recordings(recorded)] == ["recording"]
    recorded.hello("n", records=True)
    found = recordings(recorded)
    assert [(one.state, one.problem, one.bytes) for one in found] == [("ready", "node_lost", 50_000), ("recording", "", 0)]
    assert recorded.sitting.see("hanh").conferences[0].recording_id == found[1].id
    assert (record(recorded) or {})["recording_id"] == found[1].id


def test_a_node_that_never_comes_back_has_lost_it(recorded: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded.gone("n")
    recorded.media.sweep()
    assert [one.state for one in recordings(recorded)] == ["recording"]
    recorded.media.recordings.away["n"] -= 31
    recorded.media.sweep()
    assert [(one.state, one.problem) for one in recordings(recorded)] == [("failed", "node_lost")]


def test_with_another_node_there_it_goes_on_at_once(sitting: Sitting) -> None:
    process = Process(sitting, "x")
    process.gone("x")
    for name in ("a", "b"):
        process.hello(name, records=True)
    process.join("s1", "tanlap")
    sitting.secretary("recording.start")
    write(process, 1, 50_000)
    sitting.pass_time(minutes=1)
    process.gone("a")
    assert [(one.state, one.problem) for one in recordings(process)] == [("ready", "node_lost"), ("recording", "")]
    assert (record(process, "b") or {})["recording_id"] == 2


def test_a_node_that_is_emptied_completes_its_file_and_another_goes_on(sitting: Sitting) -> None:
    process = Process(sitting, "x")
    process.gone("x")
    for name in ("a", "b"):
        process.hello(name, records=True)
    process.join("s1", "tanlap")
    sitting.secretary("recording.start")
    write(process, 1, 50_000)
    sitting.pass_time(minutes=1)
    sitting.do("admin", "node.drain", node="a", draining=True)
    assert record(process, "a") is None is record(process, "b")
    ended(process, 1, "a")
    assert [(one.state, one.problem) for one in recordings(process)] == [("ready", ""), ("recording", "")]
    assert (record(process, "b") or {})["recording_id"] == 2


def test_a_full_disk_ends_it_for_good(recorded: Process) -> None:
    recorded.sitting.pass_time(minutes=1)
    ended(recorded, 1, problem="disk_full")
    assert [(one.state, one.problem) for one in recordings(recorded)] == [("ready", "disk_full")]
    assert record(recorded) is None


def test_after_a_restart_a_recording_goes_on_where_it_is(recorded: Process) -> None:
    write(recorded, 1, 50_000)
    again = Process(recorded.sitting, "other")
    again.hello("n", records=True, recordings=[1])
    again.media.forget_the_gone()
    assert [one.state for one in recordings(again)] == ["recording"]
    alone = Process(recorded.sitting, "other")
    alone.media.forget_the_gone()
    assert [(one.state, one.problem) for one in recordings(alone)] == [("ready", "node_lost")]


def test_a_recording_that_no_node_ever_began_is_empty(sitting: Sitting) -> None:
    process = Process(sitting, "n")
    sitting.secretary("recording.start")
    assert [one.state for one in recordings(process)] == ["recording"]
    sitting.secretary("recording.stop")
    assert [(one.state, one.problem) for one in recordings(process)] == [("failed", "empty")]


def test_removing_a_recording_removes_its_file(recorded: Process) -> None:
    write(recorded, 1, 50_000)
    recorded.sitting.secretary("recording.stop")
    ended(recorded, 1)
    path = recorded.media.recordings.files.path(recorded.sitting.meeting, 1)
    assert len(recordings(recorded)) == 1 and path.exists()
    recorded.sitting.secretary("recording.remove", recording_id=1)
    assert not recordings(recorded) and not path.exists()
    write(recorded, 1, 10)  # as if the process had died before it came to that
    write(recorded, 2, 10)  # the row of this one is younger than the backup that was restored
    Process(recorded.sitting)
    assert not path.exists() and recorded.media.recordings.files.path(recorded.sitting.meeting, 2).exists()
