"""Every command × every role × every kind of bad order: a stable refusal, nothing changed, nobody else disturbed."""

from typing import Any, get_args

import pytest
from sqlalchemy import select

import meetroom.app  # noqa: F401  all nouns put their commands into the door
from meetroom.access import GRANTS, May
from meetroom.door import COMMANDS
from meetroom.errors import CODES, Refusal
from meetroom.journal import Stream
from meetroom.store.engine import Store
from tests.sitting import PEOPLE, Sitting
from tests.test_snapshot import RULE

NAMES = sorted(COMMANDS)
# What each persona is in the house and in the meeting, as the door's table of grants names it.
ROLES = {
    persona: {f"house:{house}"} - {"house:none", "house:secretary"} | ({role} if role else set())
    for persona, (_, house, role, _) in PEOPLE.items()
}
HOUSE_ROLES = {persona: {f"house:{house}"} - {"house:none"} for persona, (_, house, _, _) in PEOPLE.items()}
BLINDED = {"slot": "0" * 512, "ballot": "0" * 512, "device": "04" + "0" * 128, "device_signature": "0" * 128}
SHOWN = {"token": "0" * 64, "prefix": "0" * 64, "signature": "0" * 512}
EXAMPLES: dict[str, Any] = {
    "starts_at": "2026-12-08T01:00:00Z", "valid_from": "2026-01-01", "valid_to": "2026-06-01",
    "file": "0" * 64, "sheet": "0" * 64, "title": "Nội dung", "name": "Tên", "full_name": "Họ Tên", "text": "Ghi chú",
    "pdf": {"sha256": "0" * 64, "size": 1},
    "reason": "damaged", "kind": "speech", "minutes": 5, "index": 0, "level": "commune", "password": "mat-khau-dai",
    "active": True, "role": "delegate", "present": True, "excused": True, "service": "technician", "message_ids": [999_999],
    "approved": True, "member_ids": [999_999], "code": "1.1." + "0" * 24,
    "seconds": 60, "rule": "council.majority", "answers": [["for"]],
    "page": 1, "mode": "auto", "on": True, "link": "good", "version": 1, "page_count": 1, "pages": 1, "done": True,
    "state": "opened", "limit": "low", "site": "", "locked": True, "attending": 8, "bytes": 1,
    "node": "hall-1", "draining": True, "device": "0" * 16, "access": {"kind": "all"}, "secrecy": "open",
    "total": 1, "marks": [], "erased": [], "image": "0" * 64, "x": 1, "y": 1,
    "witnesses": ["Một", "Hai"], "name_vi": "Tên", "name_en": "Name",
    "ballots": [{"member_id": 999_999, "answers": [["for"]]}],
    "board": [999_999] * 3, "key": "04" + "0" * 128, "shares": ["0" * 64] * 3, "closing": "{}", "closing_signature": "0" * 128,
    "walls": {"999999": {"content": "agenda"}}, "envelopes": [], "invalid": [], "slot": SHOWN, "ballot": SHOWN,
    "fresh": BLINDED,
    "blinded": BLINDED,
}  # fmt: skip


@pytest.fixture(scope="module")
def sitting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sitting:
    import shutil

    from meetroom.store.engine import open_store

    folder = tmp_path_factory.mktemp("commands")
    shutil.copy(request.getfixturevalue("sqlite_template"), folder / "meetroom.sqlite")
    return Sitting(open_store(f"sqlite:///{folder / 'meetroom.sqlite'}"), folder / "blobs").opened()


def example(name: str, sitting: Sitting) -> dict[str, Any]:
    """A schema-valid order of that command; its ids exist nowhere but for the meeting's."""
    order: dict[str, Any] = {}
    for field, info in COMMANDS[name].order.model_fields.items():
        if field == "meeting_id":
            order[field] = sitting.meeting
        elif field == "source_id":
            order[field] = 999_999
        elif not info.is_required():
            continue
        elif field.endswith("_id"):
            order[field] = None if type(None) in get_args(info.annotation) else 999_999
        elif field == "pages" and name == "paper.report_pages":
            order[field] = []
        elif name == "rule.add" and field == "rule":
            order[field] = RULE
        elif field == "ballots" and name == "secret.count":
            order[field] = []
        elif field == "state" and name == "message.handle":
            order[field] = "taken"
        elif field == "state" and name == "recording.report":
            order[field] = "ready"
        elif field == "kind" and name == "meeting.create":
            order[field] = "council"
        else:
            order[field] = EXAMPLES[field]
    return order


def revisions(store: Store) -> dict[int, int]:
    with store.read() as session:
        return {stream.id: stream.revision for stream in session.scalars(select(Stream))}


def refused(sitting: Sitting, persona: str, name: str, order: Any) -> str:
    """The code of the refusal; fails if the command was accepted or anything changed."""
    before = revisions(sitting.store)
    answer, status = sitting.door.answer(name, order, actor=sitting.actor(persona), op_id=f"bad-order-{next(sitting.ops)}")
    assert not answer["ok"], f"{persona} {name} {order} was accepted"
    code: str = answer["error"]["code"]
    assert CODES[code] == status and code != "internal", (persona, name, order, code)
    assert revisions(sitting.store) == before
    return code


@pytest.mark.parametrize("name", NAMES)
def test_every_role_is_refused_what_it_may_not_do(sitting: Sitting, name: str) -> None:
    spec = COMMANDS[name]
    order = example(name, sitting)
    in_house = "meeting_id" not in spec.order.model_fields
    for persona in PEOPLE:
        roles = (HOUSE_ROLES if in_house else ROLES)[persona]
        if any(spec.may in GRANTS[role] for role in roles):
            continue
        expected = "forbidden" if roles or in_house else "not_found"
        assert refused(sitting, persona, name, order) == expected, persona


def test_every_grant_is_used_and_every_command_can_be_done_by_somebody() -> None:
    used = {spec.may for spec in COMMANDS.values()}
    assert used | {May.SEE_MEETING, May.WATCH_RECEIPTS, May.READ_JOURNAL} == set(May)
    for spec in COMMANDS.values():
        assert any(spec.may in grants for grants in GRANTS.values()), spec.name


@pytest.mark.parametrize("name", NAMES)
def test_orders_that_do_not_fit_are_invalid(sitting: Sitting, name: str) -> None:
    good = example(name, sitting)
    bad: list[Any] = [None, [], "text", 7, {**good, "surprise": 1}]
    for field, info in COMMANDS[name].order.model_fields.items():
        wrong: list[Any] = [{"a": 1}, "x" * 5000, "\x00" if field.endswith("_id") else [["nested"]]]
        if field.endswith("_id"):
            wrong += [-1, 0, 2**60, "1; drop table votes"]
        bad += [{**good, field: value} for value in wrong]
        if info.is_required():
            bad.append({key: value for key, value in good.items() if key != field})
    for order in bad:
        assert refused(sitting, "secretary", name, order) in ("invalid",), order


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(f.endswith("_id") and f != "meeting_id" for f in COMMANDS[n].order.model_fields)]
)
def test_ids_of_another_meeting_are_not_found(sitting: Sitting, name: str) -> None:
    """With every id that exists anywhere, also in other meetings, given for a row of this one."""
    spec = COMMANDS[name]
    if "meeting_id" not in spec.order.model_fields:
        return
    other = foreign(sitting)
    order = {**example(name, sitting), "meeting_id": sitting.meeting}
    fields = [
        f for f in spec.order.model_fields if f.endswith("_id") and f not in ("meeting_id", "person_id", "unit_id", "resume_id")
    ]
    for field in fields:
        kind = field.removesuffix("_id")
        tampered = {**order, field: other[{"parent": "item"}.get(kind, kind)]}
        persona = "worker" if spec.may == May.REPORT else "secretary"
        code = refused(sitting, persona, name, tampered)
        assert code in ("not_found", "forbidden", "already_member", "wrong_state"), (field, code)


_foreign: dict[int, dict[str, int]] = {}


def foreign(sitting: Sitting) -> dict[str, int]:
    """Rows of another meeting of the same house, one of each kind."""
    if id(sitting) not in _foreign:
        meeting = sitting.do("secretary", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
        do = lambda command, **order: sitting.do("secretary", command, meeting_id=meeting, **order)  # noqa: E731
        item = do("item.add", title="Khác")["id"]
        vote = do("vote.create", item_id=item, title="Khác", rule="present.majority")["id"]
        point = do("point.add", name="Khác")["id"]
        note = do("note.add", text="Khác")["id"]
        recording = do("recording.start")["id"]
        message = do("message.send", text="Khác")["id"]
        wall = do("wall.add", name="Khác")["id"]
        do("meeting.open")
        request = do("floor.request")["id"]
        with sitting.store.read() as session:
            from meetroom.meetings.service import member_of

            member = member_of(session, meeting, sitting.people["secretary"])
        assert member is not None
        _foreign[id(sitting)] = {
            "item": item, "vote": vote, "point": point, "note": note, "request": request, "member": member.id,
            "recording": recording, "message": message, "paper": 999_999, "source": 1, "paper_ballots": 999_999, "mark": 999_999,
            "wall": wall, "printout": 999_999,
        }  # fmt: skip
    return _foreign[id(sitting)]


def test_a_refusal_has_a_known_code() -> None:
    with pytest.raises(KeyError):
        Refusal("no_such_code")
