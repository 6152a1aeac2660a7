"""How strokes are coded: everything a hand draws comes back the same, and nothing else is taken."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.ink import rules

points = st.tuples(st.integers(rules.LEAST_X, rules.MOST_X), st.integers(rules.LEAST_Y, rules.MOST_Y), st.integers(0, 255))


@given(st.lists(points, min_size=1, max_size=80))
def test_a_stroke_comes_back_as_it_was_drawn(stroke: list[rules.Point]) -> None:
    assert rules.decode(rules.encode(stroke)) == stroke


@given(st.binary(max_size=60))
def test_junk_is_refused_and_what_is_taken_lies_where_a_hand_draws(junk: bytes) -> None:
    try:
        stroke = rules.decode(base64.b64encode(junk).decode())
    except Refusal as no:
        assert no.code == "invalid"
    else:
        assert all(rules.LEAST_X <= x <= rules.MOST_X and rules.LEAST_Y <= y <= rules.MOST_Y for x, y, _ in stroke)


# The front end's test has the same row (web/src/ink/coding.test.ts).
def test_both_ends_code_alike() -> None:
    assert rules.encode([(1200, 3400, 128), (1203, 3390, 130), (-70, 11_000, 0)]) == "4BKQNYACBhME8RP0doMC"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "not base64",
        base64.b64encode(bytes([2, 2])).decode(),  # two numbers are no point
        base64.b64encode(bytes([2, 2, 128])).decode(),  # cut off
        base64.b64encode(bytes([255] * 9)).decode(),  # a number without an end
        rules.encode([(20_000, 0, 0)]),
        rules.encode([(0, 0, 256)]),
        rules.encode([(0, 0, 0)] * (rules.MOST_POINTS + 1)),
    ],
)
def test_what_is_no_stroke(code: str) -> None:
    with pytest.raises(Refusal) as no:
        rules.decode(code)
    assert no.value.code == "invalid"


@pytest.mark.parametrize(
    ("kind", "points", "text", "fits"),
    [
        ("note", "", "Hỏi lại", True),
        ("note", "", "", False),
        ("note", rules.encode([(1, 1, 1)]), "Hỏi lại", False),
        ("pen", rules.encode([(1, 1, 1)]), "", True),
        ("highlighter", rules.encode([(1, 1, 1)]), "", True),
        ("pen", "", "", False),
        ("pen", rules.encode([(1, 1, 1)]), "Hỏi lại", False),
    ],
)
def test_a_note_has_words_and_a_stroke_has_points(kind: str, points: str, text: str, fits: bool) -> None:
    if fits:
        rules.expect_whole(kind, points, text)
    else:
        with pytest.raises(Refusal, match="invalid"):
            rules.expect_whole(kind, points, text)
