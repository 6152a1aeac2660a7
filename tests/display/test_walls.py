"""The walls of a hall: several screens, each with its own content, never without one."""

import pytest

from meetroom.display.schema import WALLS
from meetroom.errors import Refusal
from tests.sitting import Sitting


def test_every_meeting_begins_with_one_wall_that_follows_the_sitting(sitting: Sitting) -> None:
    (wall,) = sitting.see("wall").walls
    assert (wall.name, wall.showing.content) == ("Màn hình chung", "auto")
    sitting.secretary("wall.add", name="Màn hình trái")
    clone = {"source_id": sitting.meeting, "title": "Kỳ họp thứ tư", "starts_at": "2027-01-08T08:00:00+07:00"}
    sitting.meeting = sitting.do("secretary", "meeting.clone", **clone)["id"]
    assert [wall.name for wall in sitting.see("secretary").walls] == ["Màn hình chung", "Màn hình trái"]


def test_walls_show_different_things_and_one_step_back_is_for_all_of_them(sitting: Sitting) -> None:
    sitting.secretary("wall.add", name="Màn hình trái")
    left, right = (wall.id for wall in sitting.see("wall").walls)
    message = {"content": "message", "text": "Họp lại lúc 10 giờ"}
    sitting.secretary("wall.show", walls={left: {"content": "agenda"}, right: message})
    assert [wall.showing.content for wall in sitting.see("hanh").walls] == ["agenda", "message"]
    sitting.secretary("wall.show", walls={left: {"content": "blank"}, right: {"content": "blank"}})
    sitting.secretary("meeting.undo")
    assert [wall.showing.content for wall in sitting.see("hanh").walls] == ["agenda", "message"]


@pytest.mark.parametrize(
    ("showing", "code"),
    [
        ({"content": "message"}, "invalid"),  # nothing to say
        ({"content": "message", "text": "   "}, "invalid"),
        ({"content": "message", "text": "a" * 241}, "invalid"),
        ({"content": "agenda", "text": "Mời họp"}, "invalid"),
        ({"content": "vote"}, "invalid"),
        ({"content": "names"}, "invalid"),
        ({"content": "auto", "vote_id": 1}, "invalid"),
        ({"content": "vote", "vote_id": 999}, "not_found"),
        ({"content": "film"}, "invalid"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_the_wall_stays(sitting: Sitting, showing: dict[str, object], code: str) -> None:
    wall = sitting.see("wall").walls[0].id
    other = sitting.secretary("wall.add", name="Màn hình trái")["id"]
    with pytest.raises(Refusal) as no:
        sitting.secretary("wall.show", walls={wall: {"content": "agenda"}, other: showing})
    assert no.value.code == code
    assert {one.showing.content for one in sitting.see("wall").walls} == {"auto"}


def test_only_secretaries_set_walls_and_the_last_one_stays(sitting: Sitting) -> None:
    wall = sitting.see("wall").walls[0].id
    for persona in ("hanh", "wall", "chair"):
        with pytest.raises(Refusal) as no:
            sitting.do(persona, "wall.show", meeting_id=sitting.meeting, walls={wall: {"content": "blank"}})
        assert no.value.code == "forbidden"
    with pytest.raises(Refusal) as no:
        sitting.secretary("wall.remove", wall_id=wall)
    assert no.value.code == "last_wall"
    for n in range(1, WALLS):
        sitting.secretary("wall.add", name=f"Màn hình {n}")
    with pytest.raises(Refusal) as no:
        sitting.secretary("wall.add", name="Thêm một màn hình")
    assert no.value.code == "too_many_walls"
