"""Recordings and the incident log over HTTP: who gets what, in which parts."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from meetroom.app import create_app
from meetroom.http import COOKIE, House
from tests.sitting import PEOPLE, Sitting

FILE = bytes(range(256)) * 100


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    """A browser whose cookie names the persona."""

    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs, "recordings": tmp_path}
    house = House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")  # type: ignore[arg-type]
    return create_app(house).test_client()


def get(client: FlaskClient, persona: str, path: str, **headers: str) -> Any:
    client.set_cookie(COOKIE, persona)
    return client.get(path, headers=headers)


@pytest.fixture
def recording(sitting: Sitting, tmp_path: Path) -> int:
    """A finished one, with its file."""
    recording: int = sitting.secretary("recording.start")["id"]
    (tmp_path / f"{sitting.meeting}-{recording}.webm").write_bytes(FILE)
    sitting.secretary("recording.stop")
    sitting.media("recording.report", recording_id=recording, state="ready", seconds=60, bytes=len(FILE))
    return recording


def test_members_play_a_recording_in_parts(client: FlaskClient, recording: int) -> None:
    whole = get(client, "hanh", f"/api/recordings/{recording}")
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "video/webm", FILE)
    assert "attachment" not in whole.headers["Content-Disposition"] and whole.headers["Accept-Ranges"] == "bytes"
    part = get(client, "wall", f"/api/recordings/{recording}", Range="bytes=100-199")
    assert (part.status_code, part.data) == (206, FILE[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILE)}"
    assert get(client, "hanh", f"/api/recordings/{recording}", Range="bytes=-10").data == FILE[-10:]
    assert get(client, "hanh", f"/api/recordings/{recording}", Range=f"bytes={len(FILE)}-").status_code == 416
    kept = get(client, "admin", f"/api/recordings/{recording}?download")
    assert kept.headers["Content-Disposition"].startswith("attachment; filename=2026-12-08-")


def test_nobody_else_does(client: FlaskClient, sitting: Sitting, recording: int) -> None:
    assert get(client, "outsider", f"/api/recordings/{recording}").json["error"]["code"] == "not_found"
    assert get(client, "nobody", f"/api/recordings/{recording}").status_code == 401
    assert get(client, "hanh", "/api/recordings/999").status_code == 404
    sitting.secretary("recording.remove", recording_id=recording)
    assert get(client, "hanh", f"/api/recordings/{recording}").status_code == 404


def test_one_under_way_or_without_its_file_is_not_there(client: FlaskClient, sitting: Sitting, tmp_path: Path) -> None:
    recording = sitting.secretary("recording.start")["id"]
    file = tmp_path / f"{sitting.meeting}-{recording}.webm"
    file.write_bytes(FILE)
    assert get(client, "hanh", f"/api/recordings/{recording}").status_code == 404
    sitting.media("recording.report", recording_id=recording, state="ready", seconds=60, bytes=len(FILE))
    file.unlink()
    assert get(client, "hanh", f"/api/recordings/{recording}").status_code == 404


def an_evening(sitting: Sitting) -> None:
    point = {"point_id": sitting.points["tanlap"]}
    sitting.secretary("point.rename", **point, name="=Xã Tân Lập")
    steps: list[dict[str, Any]] = [
        {"link": "good"},
        {"link": "weak"},
        {"link": "weak", "quality": "audio", "reason": "down"},
        {"link": "lost"},
        {"link": "good", "quality": "audio", "reason": "down"},
        {"link": "good"},
        {"link": "absent"},
    ]
    sitting.media("conference.report", node="hall-1")
    for step in steps:
        sitting.pass_time(seconds=90)
        sitting.media("point.report", **point, **step)
    for node in ("", "hall-1", "", "hall-2"):
        sitting.media("conference.report", node=node)
        sitting.pass_time(seconds=4)
    recording = sitting.secretary("recording.start")["id"]
    sitting.media("recording.report", recording_id=recording, state="failed", problem="disk_full", seconds=0, bytes=0)


def test_the_incident_log(client: FlaskClient, sitting: Sitting) -> None:
    an_evening(sitting)
    log = get(client, "technician", f"/api/meetings/{sitting.meeting}/incidents").json["result"]
    assert [(row["kind"], row["seconds"]) for row in log] == [
        ("joined", None), ("weak", None), ("quality", None), ("lost", None), ("back", 90), ("quality", None), ("left", None),
        ("node_lost", None), ("node_back", 4), ("node_lost", None), ("node_changed", 4), ("recording_failed", None),
    ]  # fmt: skip
    assert (log[2]["from_"], log[2]["to"], log[2]["reason"]) == ("high", "audio", "down")
    assert [(row["from_"], row["to"]) for row in log[8:11]] == [("", ""), ("", ""), ("hall-1", "hall-2")]
    assert {row["about"] for row in log} == {"=Xã Tân Lập", "hall-1", "hall-2", "1"}


@pytest.mark.parametrize(
    ("lang", "headers", "weak"),
    [
        ("", ["Thời gian", "Đối tượng", "Sự việc", "Chi tiết", "Kéo dài (giây)"], "Đường truyền yếu"),
        ("?lang=en", ["Time", "About", "Incident", "Details", "Duration (seconds)"], "Weak link"),
    ],
)
def test_the_log_for_a_spreadsheet(client: FlaskClient, sitting: Sitting, lang: str, headers: list[str], weak: str) -> None:
    an_evening(sitting)
    answer = get(client, "technician", f"/api/meetings/{sitting.meeting}/incidents.csv{lang}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=incidents-{sitting.meeting}.csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == headers and len(rows) == 13
    assert rows[2] == ["2026-12-08 08:03:00", "'=Xã Tân Lập", weak, "", ""]  # no formula, Viet Nam's time
    assert rows[5][4] == "90"
    if not lang:
        assert rows[3][3] == "hình rõ → chỉ có tiếng; đường truyền về điểm cầu yếu"
        assert rows[12][2:4] == ["Bản ghi bị gián đoạn", "ổ đĩa máy chủ đầy"]


def test_who_may_not_read_the_journal_gets_no_log(client: FlaskClient, sitting: Sitting) -> None:
    for form in ("incidents", "incidents.csv"):
        path = f"/api/meetings/{sitting.meeting}/{form}"
        assert get(client, "hanh", path).json["error"]["code"] == "forbidden"
        assert get(client, "outsider", path).json["error"]["code"] == "not_found"
        assert get(client, "nobody", path).status_code == 401
        assert get(client, "technician", f"/api/meetings/999/{form}").status_code == 404
    assert get(client, "technician", f"/api/meetings/{sitting.meeting}/incidents.csv?lang=fr").status_code == 422
