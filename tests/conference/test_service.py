"""Commands of the conference, as minutes of a meeting."""

from collections.abc import Callable

import pytest

from meetroom.conference import incidents, media
from meetroom.conference.orders import ConferenceView, PointView
from meetroom.conference.rules import Participant
from meetroom.errors import Refusal
from meetroom.store.engine import Store
from tests.sitting import Sitting


def point(sitting: Sitting, name: str = "tanlap") -> PointView:
    return next(one for one in sitting.see("hanh").points if one.id == sitting.points[name])


def conference(sitting: Sitting) -> ConferenceView:
    [found] = sitting.see("hanh").conferences
    return found


def test_a_roll_call(sitting: Sitting) -> None:
    with pytest.raises(Refusal, match="no_roll_call"):
        sitting.tanlap("roll.answer", attending=8)
    sitting.chair("roll.call", on=True)
    assert conference(sitting).roll_called_at == sitting.now
    sitting.pass_time(seconds=20)
    sitting.tanlap("roll.answer", attending=8)
    assert (point(sitting).answered_at, point(sitting).attending) == (sitting.now, 8)
    sitting.chair("roll.answer", point_id=sitting.points["anhoa"], attending=5)
    sitting.tanlap("roll.answer", attending=9)
    assert (point(sitting).attending, point(sitting, "anhoa").attending) == (9, 5)
    with pytest.raises(Refusal, match="roll_call_runs"):
        sitting.chair("roll.call", on=True)
    sitting.chair("roll.call", on=False)
    assert conference(sitting).roll_called_at is None and point(sitting).attending == 9
    with pytest.raises(Refusal, match="no_roll_call"):
        sitting.chair("roll.call", on=False)
    sitting.chair("roll.call", on=True)
    assert (point(sitting).answered_at, point(sitting).attending) == (None, None)


def test_who_answers_for_whom(sitting: Sitting) -> None:
    sitting.chair("roll.call", on=True)
    for persona in ("hanh", "wall", "guest"):
        with pytest.raises(Refusal, match="forbidden"):
            getattr(sitting, persona)("roll.answer", attending=1)
    with pytest.raises(Refusal, match="forbidden"):
        sitting.tanlap("roll.answer", point_id=sitting.points["anhoa"], attending=1)
    sitting.technician("roll.answer", point_id=sitting.points["anhoa"], attending=1)


def test_closing_ends_what_is_under_way(sitting: Sitting) -> None:
    sitting.opened()
    sitting.chair("roll.call", on=True)
    sitting.secretary("recording.start")
    sitting.secretary("meeting.close")
    assert (conference(sitting).roll_called_at, conference(sitting).recording_id) == (None, None)
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.secretary("recording.start")


def test_a_pin_and_a_lock_are_taken_back(sitting: Sitting) -> None:
    sitting.chair("stage.pin", point_id=sitting.points["tanlap"])
    sitting.chair("stage.pin", point_id=sitting.points["anhoa"])
    sitting.chair("conference.lock", locked=True)
    assert sitting.see("secretary").steps[0].command == "conference.lock"
    sitting.secretary("meeting.undo")
    assert not conference(sitting).locked
    assert sitting.see("secretary").steps[0].label == "Xã An Hòa"
    sitting.secretary("meeting.undo")
    assert point(sitting).pinned and not point(sitting, "anhoa").pinned
    sitting.secretary("meeting.undo")
    assert not point(sitting).pinned
    sitting.chair("stage.pin", point_id=None)  # nothing was pinned: there is nothing to take back
    assert sitting.see("secretary").steps[0].command is None


def test_a_token_is_told_once(sitting: Sitting) -> None:
    order = {"point_id": sitting.points["tanlap"], "op_id": "an-encoder-token"}
    first = sitting.technician("point.ingest", **order)
    assert first["path"] == f"/whip/{sitting.meeting}/{sitting.points['tanlap']}" and len(first["token"]) == 43
    assert sitting.technician("point.ingest", **order) == {"path": first["path"], "token": None}
    assert point(sitting).ingest
    with sitting.store.engine.connect() as connection:
        for table in ("operations", "journal", "points"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows and first["token"] not in repr(rows), table
    sitting.technician("point.ingest_end", point_id=sitting.points["tanlap"])
    assert not point(sitting).ingest
    assert sitting.secretary("conference.egress")["path"] == f"/whep/{sitting.meeting}"
    assert conference(sitting).egress


def test_one_recording_at_a_time(sitting: Sitting) -> None:
    with pytest.raises(Refusal, match="not_recording"):
        sitting.secretary("recording.stop")
    first = sitting.secretary("recording.start")["id"]
    with pytest.raises(Refusal, match="already_recording"):
        sitting.secretary("recording.start")
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.secretary("recording.remove", recording_id=first)
    sitting.secretary("recording.stop")
    with pytest.raises(Refusal, match="already_recording"):  # the node completes its file
        sitting.secretary("recording.start")
    sitting.media("recording.report", recording_id=first, state="ready", seconds=5, bytes=100)
    sitting.secretary("recording.start")


def test_the_same_on_both_databases(
    store: Store, sitting_on: Callable[[Store], Sitting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "PAGE", 3)
    sitting = sitting_on(store).opened()
    sitting.technician("point.limit", point_id=sitting.points["tanlap"], limit="audio")
    sitting.chair("roll.call", on=True)
    sitting.tanlap("roll.answer", attending=8)
    recording = sitting.secretary("recording.start")["id"]
    with store.read() as session:
        plan = media.plan(session, sitting.meeting, [Participant("a", sitting.points["tanlap"])])
    assert plan.peers[0].limit == "audio" and plan.record is not None and plan.record.recording_id == recording
    sitting.media("recording.report", recording_id=recording, state="ready", seconds=7200.5, bytes=3_000_000_000)
    [row] = sitting.see("hanh").recordings
    assert (row.bytes, row.seconds, point(sitting).answered_at) == (3_000_000_000, 7200.5, sitting.now)
    sitting.do("admin", "node.drain", node="hall-1", draining=True)
    with store.read() as session:
        assert media.draining(session) == {"hall-1"}
    for link in ("good", "lost") * 2:
        sitting.media("point.report", point_id=sitting.points["tanlap"], link=link)
    log = incidents.incidents(incidents.entries(store, sitting.meeting))
    assert [one.kind for one in log] == ["joined", "lost", "back", "lost"]
