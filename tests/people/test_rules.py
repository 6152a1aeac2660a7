"""Names and dated units, as tables."""

from datetime import date, datetime

import pytest

from meetroom.errors import Refusal
from meetroom.people import rules
from meetroom.people.rules import Version
from meetroom.wire import local_date

START, RENAMED, CLOSED = date(2025, 7, 1), date(2026, 1, 1), date(2027, 1, 1)
A = Version("Xã Tân Lập", "commune", 1, START)
B = Version("Phường Tân Lập", "commune", 1, RENAMED)
HISTORY = rules.supersede((A,), B)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 6, 30), None),
        (START, "Xã Tân Lập"),
        (date(2025, 12, 31), "Xã Tân Lập"),
        (RENAMED, "Phường Tân Lập"),
        (date(2099, 1, 1), "Phường Tân Lập"),
    ],
)
def test_a_unit_is_called_as_it_was_on_the_day(day: date, name: str | None) -> None:
    version = rules.at(HISTORY, day)
    assert (version and version.name) == name


def test_a_closed_unit_is_none_from_that_day_on() -> None:
    ended = rules.end(HISTORY, CLOSED)
    assert rules.at(ended, date(2026, 12, 31)) is not None
    assert rules.at(ended, CLOSED) is None


def test_a_version_of_the_same_day_replaces() -> None:
    corrected = Version("Phường Tân Lập A", "commune", 1, RENAMED)
    assert [v.name for v in rules.supersede(HISTORY, corrected)] == ["Xã Tân Lập", "Phường Tân Lập A"]


def test_a_closed_unit_comes_back_from_the_day_it_was_closed() -> None:
    again = rules.supersede(rules.end(HISTORY, CLOSED), Version("Xã Tân Lập", "commune", 1, CLOSED))
    assert [v.valid_to for v in again] == [RENAMED, CLOSED, None]


@pytest.mark.parametrize(
    "change",
    [
        lambda: rules.supersede(HISTORY, Version("Xã Cũ", "commune", 1, date(2025, 12, 1))),  # before the last change
        lambda: rules.supersede(rules.end(HISTORY, CLOSED), Version("Xã Mới", "commune", 1, date(2028, 1, 1))),  # after its end
        lambda: rules.end(HISTORY, RENAMED),  # the day its last version began
        lambda: rules.end(HISTORY, START),
    ],
)
def test_dates_that_do_not_follow_are_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refusal, match="unit_dates"):
        change()


@pytest.mark.parametrize(("parent", "refused"), [(None, False), (1, False), (2, True), (3, True), (4, True)])
def test_no_unit_is_below_itself(parent: int | None, refused: bool) -> None:
    """1 ← 2 ← 3 ← 4; where may 2 be placed?"""
    parents = {1: None, 2: 1, 3: 2, 4: 3}
    if refused:
        with pytest.raises(Refusal, match="unit_cycle"):
            rules.refuse_cycle(2, parent, parents.__getitem__)
    else:
        rules.refuse_cycle(2, parent, parents.__getitem__)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nguyễn Văn Tú", "NGUYỄN  VĂN TÚ", True),
        ("Xã An Hoà", "Xã An Hòa", True),  # where the tone mark stands is a matter of taste
        ("Phường Thuỷ Vân", "phường thủy vân", True),
        ("Lê Thị Ngọc", "Le\u0302 Thi\u0323 Ngo\u0323c", True),  # composed and decomposed letters
        ("Nguyễn Văn Tú", "Nguyễn Văn Tư", False),
        ("Nguyễn Văn Tú", "Nguyễn Văn Tứ", False),
        ("Xã An Hòa", "Xã An Hóa", False),
        ("Đỗ Văn Đạt", "Do Van Dat", False),
    ],
)
def test_names_are_compared_by_letters_and_tones(one: str, other: str, same: bool) -> None:
    assert (rules.spelling(one) == rules.spelling(other)) is same


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đỗ Văn Cường", "do van cuong"),
        ("NGUYỄN THỊ HỒNG HẠNH", "nguyen thi hong hanh"),
        ("Ủy ban xã Nà Phặc", "uy ban xa na phac"),
    ],
)
def test_search_folds_away_marks(text: str, folded: str) -> None:
    assert rules.fold(text) == folded


def test_people_are_listed_by_given_name() -> None:
    names = ["Nguyễn Văn Bình", "Trần Thị An", "Lê Văn An", "Đỗ Mạnh Cường", "Lê An Bình"]
    assert sorted(names, key=rules.by_given_name) == [
        "Lê Văn An", "Trần Thị An", "Lê An Bình", "Nguyễn Văn Bình", "Đỗ Mạnh Cường",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-30T16:59:59+00:00", date(2026, 6, 30)),
        ("2026-06-30T17:00:00+00:00", date(2026, 7, 1)),
        ("2026-07-01T00:00:00+07:00", date(2026, 7, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_viet_nam(moment: str, day: date) -> None:
    assert local_date(datetime.fromisoformat(moment)) == day


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Xã Tân Lập", "commune"),
        ("PHƯỜNG YÊN THỊNH", "commune"),
        ("Đặc khu Vân Đồn", "commune"),
        ("Tỉnh Thanh Giang", "province"),
        ("Thành phố Huế", "province"),
        ("Tỉnh ủy Thanh Giang", "body"),
        ("Tỉnh đoàn", "body"),
        ("Sở Tài chính", "body"),
        ("UBND xã Tân Lập", "body"),
        ("Văn phòng Đoàn ĐBQH và HĐND tỉnh", "body"),
    ],
)
def test_the_level_of_an_unknown_unit_is_guessed_from_its_name(name: str, level: str) -> None:
    assert rules.guess_level(name) == level
