"""The journal over HTTP: who may read it, steps for people, the whole for an inspector, and whether it was changed."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from meetroom.app import create_app
from meetroom.cli import main
from meetroom.http import COOKIE, House
from meetroom.journal import Entry
from tests.sitting import PEOPLE, Sitting


@pytest.fixture
def client(sitting: Sitting, tmp_path: Path) -> FlaskClient:
    """A browser whose cookie names the persona."""

    def identify(_session: Any, cookie: str | None, _now: Any) -> Any:
        return sitting.actor(cookie) if cookie in PEOPLE else None

    parts = {"store": sitting.store, "door": sitting.door, "blobs": sitting.blobs}
    house = House(**parts, identify=identify, pages=tmp_path, url="https://meetroom.test")  # type: ignore[arg-type]
    return create_app(house).test_client()


def get(client: FlaskClient, persona: str, path: str, **query: object) -> Any:
    client.set_cookie(COOKIE, persona)
    return client.get(f"/api/meetings/{path}", query_string=query)


def steps(client: FlaskClient, sitting: Sitting, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(client, "secretary", f"{sitting.meeting}/journal", **query).json["result"]["steps"]
    return found


def test_the_newest_step_is_first_with_who_did_it_and_all_it_changed(client: FlaskClient, sitting: Sitting) -> None:
    sitting.opened()
    sitting.pass_time(seconds=1)
    sitting.hanh("member.leave")
    newest, before = steps(client, sitting)[:2]
    assert (newest["command"], newest["person"], newest["counts"]) == (
        "member.leave",
        "Nguyễn Thị Hồng Hạnh",
        {"member.changed": 1},
    )
    assert newest["events"][0]["body"]["member"]["present"] is False
    assert before["command"] == "member.arrive"
    opening = next(step for step in steps(client, sitting) if step["command"] == "meeting.open")
    assert [event["name"] for event in opening["events"]] == ["meeting.changed", "step.changed"]
    assert opening["events"][0]["seq"] + 1 == opening["events"][1]["seq"]


def test_pages_follow_on_without_gap_or_repeat(client: FlaskClient, sitting: Sitting) -> None:
    sitting.opened()
    whole = steps(client, sitting)
    collected: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        page = get(client, "secretary", f"{sitting.meeting}/journal", limit=3, **({"before": before} if before else {})).json[
            "result"
        ]
        collected += page["steps"]
        before = page["before"]
        if before is None:
            break
    assert collected == whole


def test_only_some_commands_are_shown_when_asked(client: FlaskClient, sitting: Sitting) -> None:
    sitting.opened()
    commands = {step["command"] for step in steps(client, sitting, commands="item.,meeting.open")}
    assert commands == {"item.add", "item.start", "meeting.open"}
    everything = {step["command"] for step in steps(client, sitting)}
    assert {step["command"] for step in steps(client, sitting, commands="-item.,-member.")} == {
        name for name in everything if not name.startswith(("item.", "member."))
    }


def test_members_whom_events_mention_are_named(client: FlaskClient, sitting: Sitting) -> None:
    sitting.opened()
    sitting.bao("floor.request")
    page = get(client, "secretary", f"{sitting.meeting}/journal", limit=1).json["result"]
    assert page["members"] == {str(page["steps"][0]["events"][0]["body"]["request"]["member_id"]): "Trần Quốc Bảo"}


def test_of_an_import_the_first_events_are_shown_and_all_are_counted(client: FlaskClient, sitting: Sitting) -> None:
    from meetroom.people import importing
    from meetroom.people.sheets import Row

    with sitting.store.write() as session:
        rows = [Row(n, f"Người Thứ {n}", unit="Xã Mới") for n in range(2, 202)]
        importing.remember(session, sitting.people["admin"], "a" * 64, rows, sitting.now)
    sitting.do("admin", "person.import", sheet="a" * 64)
    step = get(client, "admin", "0/journal").json["result"]["steps"][0]
    assert step["counts"] == {"unit.changed": 1, "person.changed": 200}
    assert len(step["events"]) == 30


@pytest.mark.parametrize("path", ["journal", "journal.jsonl", "journal/verified"])
def test_who_may_read_it(client: FlaskClient, sitting: Sitting, path: str) -> None:
    allowed = {"admin": 200, "secretary": 200, "technician": 200, "outsider": 404}
    for persona in PEOPLE:
        assert get(client, persona, f"{sitting.meeting}/{path}").status_code == allowed.get(persona, 403), persona
        assert get(client, persona, f"0/{path}").status_code == (200 if persona == "admin" else 403), persona
    assert get(client, "nobody", f"{sitting.meeting}/{path}").status_code == 401
    assert get(client, "admin", f"999999/{path}").status_code == 404
    assert get(client, "admin", f"{10**30}/{path}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"before": 0},
        {"before": "x"},
        {"before": 2**60},
        {"commands": "DROP TABLE"},
        {"commands": "vote.,"},
        {"all": 1},
    ],
)
def test_what_is_no_question_is_refused(client: FlaskClient, sitting: Sitting, query: dict[str, object]) -> None:
    answer = get(client, "secretary", f"{sitting.meeting}/journal", **query)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


def test_the_downloaded_file_is_verified_without_the_server(client: FlaskClient, sitting: Sitting, tmp_path: Path) -> None:
    sitting.opened()
    sitting.secretary("note.add", text="Dòng có\u2028ngắt lạ\nvà xuống dòng")
    answer = get(client, "secretary", f"{sitting.meeting}/journal.jsonl")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=journal-{sitting.meeting}.jsonl"
    file = tmp_path / "journal.jsonl"
    file.write_bytes(answer.data)
    shown = CliRunner().invoke(main, ["verify", str(file)])
    checked = get(client, "secretary", f"{sitting.meeting}/journal/verified").json["result"]
    assert shown.exit_code == 0
    assert shown.output == f"{checked['entries']} entries, unchanged; last hash {checked['head']}\n"
    file.write_bytes(answer.data.replace("Kế hoạch".encode(), b"Ke hoach", 1))
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 1


@pytest.mark.parametrize("harm", ["changed", "cut off", "all gone"])
def test_a_journal_that_was_changed_in_the_database_is_found(client: FlaskClient, sitting: Sitting, harm: str) -> None:
    sitting.opened()
    seq = {"changed": 5, "cut off": 8, "all gone": 1}[harm]
    mine = Entry.stream == sitting.meeting
    with sitting.store.write() as session:
        if harm == "changed":
            session.execute(update(Entry).where(mine, Entry.seq == seq).values(actor="person:999"))
        else:
            session.execute(delete(Entry).where(mine, Entry.seq >= seq))
    assert get(client, "secretary", f"{sitting.meeting}/journal/verified").json["result"]["broken"] == seq
