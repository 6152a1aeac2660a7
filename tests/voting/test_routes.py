"""Over HTTP: who has not voted, the result sheet as data and as a spreadsheet, and a rule tried on past votes."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from meetroom.app import create_app
from meetroom.http import COOKIE, House
from tests.sitting import PEOPLE, Sitting
from tests.test_snapshot import RULE


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    """A browser whose cookie names the persona."""

    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts: dict[str, Any] = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    return create_app(House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")).test_client()


@pytest.fixture
def vote(sitting: Sitting) -> int:
    sitting.opened()
    vote = sitting.vote(title="=SUM(1;2)")
    sitting.secretary("vote.open", vote_id=vote)
    sitting.hanh("vote.cast", vote_id=vote, answers=[["for"]])
    return vote


def get(client: FlaskClient, sitting: Sitting, persona: str, vote: int, what: str) -> Any:
    client.set_cookie(COOKIE, persona)
    return client.get(f"/api/meetings/{sitting.meeting}/votes/{vote}/{what}")


def test_who_is_missing_is_for_the_secretary_and_the_chair(client: FlaskClient, sitting: Sitting, vote: int) -> None:
    waiting = get(client, sitting, "secretary", vote, "turnout").json["result"]["waiting"]
    members = {m.id: m.person_id for m in sitting.see("secretary").members}
    assert {members[one] for one in waiting} == {sitting.people[p] for p in ("chair", "bao", "chau")}
    for persona, status in (("hanh", 403), ("chair", 200), ("outsider", 404)):
        assert get(client, sitting, persona, vote, "turnout").status_code == status
    assert get(client, sitting, "secretary", 999, "turnout").status_code == 404


def test_the_sheet_is_for_all_once_published(client: FlaskClient, sitting: Sitting, vote: int) -> None:
    for what in ("sheet", "sheet.xlsx"):
        assert get(client, sitting, "secretary", vote, what).status_code == 409  # still open
    sitting.secretary("vote.close", vote_id=vote)
    assert get(client, sitting, "hanh", vote, "sheet").status_code == 409
    assert get(client, sitting, "secretary", vote, "sheet").json["result"]["results"][0]["counts"] == [1, 0, 0]
    sitting.secretary("vote.publish", vote_id=vote)
    rows = get(client, sitting, "bao", vote, "sheet").json["result"]["rows"]
    assert [(row["full_name"], row["answers"]) for row in rows if row["answers"]] == [("Nguyễn Thị Hồng Hạnh", [["for"]])]
    assert len(rows) == 4 and get(client, sitting, "outsider", vote, "sheet").status_code == 404


def test_the_spreadsheet(client: FlaskClient, sitting: Sitting, vote: int) -> None:
    sitting.secretary("vote.close", vote_id=vote)
    book = load_workbook(io.BytesIO(get(client, sitting, "secretary", vote, "sheet.xlsx").data))
    result = [[cell.value for cell in row] for row in book["Kết quả"]]
    assert result[0][0] == "'=SUM(1;2)"  # text, never a formula
    assert ["Tán thành", 1, 25] in [row[:3] for row in result]
    assert ["Kết quả", "Không được thông qua"] in [row[:2] for row in result]
    names = [[cell.value for cell in row] for row in book["Danh sách"]]
    assert names[2][1:4] == ["Nguyễn Thị Hồng Hạnh", None, "Tán thành"] and names[1][3] == "Không có phiếu"


def test_a_rule_is_tried_by_administrators_only(client: FlaskClient, sitting: Sitting, vote: int) -> None:
    sitting.secretary("vote.close", vote_id=vote)
    sitting.secretary("vote.publish", vote_id=vote)
    client.set_cookie(COOKIE, "admin")
    [tried] = client.post("/api/rules/preview", json={**RULE, "denominator": "cast"}).json["result"]
    assert (tried["before"], tried["after"], tried["would"]["base"]) == ("failed", "passed", 1)
    assert client.post("/api/rules/preview", json={**RULE, "threshold": "0/0"}).status_code == 422
    client.set_cookie(COOKIE, "secretary")
    assert client.post("/api/rules/preview", json=RULE).status_code == 403
