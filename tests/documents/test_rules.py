import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.documents.rules import (
    RECEIPT_ORDER,
    Receipt,
    advance,
    bits,
    changed,
    clean_name,
    expect,
    expect_no_secret,
    is_pdf,
    shown,
    spelled,
)
from meetroom.errors import Refusal

NOW = {"version": 2, "page_count": 10, "ready": 10, "withdrawn": False}
GONE = {**NOW, "withdrawn": True}


def told(version: int, state: str, pages: int) -> Receipt:
    """By a tablet that holds the first `pages`."""
    return Receipt(version, state, (1 << pages) - 1)


@pytest.mark.parametrize(
    ("old", "says", "new"),
    [
        (None, told(2, "announced", 0), told(2, "announced", 0)),
        (None, told(2, "first_page", 1), told(2, "first_page", 1)),
        (None, told(2, "opened", 3), told(2, "opened", 3)),  # read while the rest is on its way
        (told(2, "announced", 0), told(2, "complete", 10), told(2, "complete", 10)),
        (told(2, "first_page", 4), told(2, "first_page", 7), told(2, "first_page", 7)),
        (told(2, "opened", 4), told(2, "complete", 10), told(2, "opened", 10)),
        (told(2, "first_page", 4), told(2, "first_page", 2), None),  # an older report, late
        (told(2, "complete", 10), told(2, "announced", 0), None),
        (told(2, "complete", 10), told(2, "complete", 10), None),
        (told(1, "opened", 8), told(2, "announced", 0), told(2, "announced", 0)),  # a new version starts anew
        (told(2, "announced", 0), told(1, "complete", 8), None),
        (None, told(3, "complete", 10), None),  # a version that does not exist
        (None, told(2, "first_page", 9999), told(2, "first_page", 10)),  # not more pages than there are
        (None, told(2, "complete", 9), told(2, "first_page", 9)),
        (None, told(2, "opened", 0), told(2, "announced", 0)),
        (told(2, "withdrawn", 0), told(2, "first_page", 1), told(2, "first_page", 1)),  # restored
        (told(2, "opened", 10), told(2, "withdrawn", 0), None),  # nobody has withdrawn it
    ],
)
def test_a_receipt_moves_forward(old: Receipt | None, says: Receipt, new: Receipt | None) -> None:
    assert advance(old, says, **NOW) == new  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "says", "new"),
    [
        (told(2, "opened", 10), told(2, "withdrawn", 0), told(2, "withdrawn", 0)),
        (None, told(2, "withdrawn", 0), told(2, "withdrawn", 0)),
        (told(2, "withdrawn", 0), told(2, "withdrawn", 0), None),
        (told(2, "first_page", 3), told(2, "complete", 10), None),  # what was on its way no longer counts
    ],
)
def test_of_a_withdrawn_paper_only_its_deletion_counts(old: Receipt | None, says: Receipt, new: Receipt | None) -> None:
    assert advance(old, says, **GONE) == new  # type: ignore[arg-type]


def test_of_a_paper_without_pages_nobody_has_any() -> None:
    none = {"version": 1, "page_count": 0, "ready": 0, "withdrawn": False}
    assert advance(None, told(1, "complete", 5), **none) == told(1, "announced", 0)  # type: ignore[arg-type]


def test_nobody_holds_pages_that_are_not_made_yet() -> None:
    made = {**NOW, "ready": 4}
    assert advance(None, told(2, "complete", 10), **made) == told(2, "first_page", 4)  # type: ignore[arg-type]


def test_pages_add_up_whatever_their_order() -> None:
    receipt = advance(None, Receipt(2, "announced", 0b110), **NOW)  # type: ignore[arg-type]
    assert receipt == Receipt(2, "announced", 0b110), "page 1 is not among them"
    receipt = advance(receipt, Receipt(2, "first_page", 0b1001), **NOW)  # type: ignore[arg-type]
    assert receipt == Receipt(2, "first_page", 0b1111) and receipt.pages == 4


@given(st.sets(st.integers(1, 10_000)))
def test_a_set_of_pages_is_spelled_and_read(pages: set[int]) -> None:
    held = sum(1 << (page - 1) for page in pages)
    assert bits(spelled(held)) == held and len(spelled(held)) % 2 == 0


@pytest.mark.parametrize(
    ("pages", "before", "marks"),
    [("ab", None, [False, False]), ("ab", "ab", [False, False]), ("xab", "ab", [True, False, False]),
     ("ba", "ab", [False, False]), ("a", "", [True])],
)  # fmt: skip
def test_a_page_that_only_moved_has_not_changed(pages: str, before: str | None, marks: list[bool]) -> None:
    assert changed(pages, before) == marks


@pytest.mark.parametrize("secrecy", ["open", "secret", "top_secret", "absolute"])
def test_a_state_secret_has_no_file(secrecy: str) -> None:
    expect_no_secret(secrecy, has_file=False)
    if secrecy == "open":
        expect_no_secret(secrecy, has_file=True)
    else:
        with pytest.raises(Refusal, match="state_secret"):
            expect_no_secret(secrecy, has_file=True)


anything = st.builds(told, st.sampled_from([1, 2, 3]), st.sampled_from(RECEIPT_ORDER), st.integers(0, 20))
honest = st.one_of(
    st.just(told(2, "announced", 0)),
    st.builds(told, st.just(2), st.sampled_from(["first_page", "opened"]), st.integers(1, 10)),
    st.just(told(2, "complete", 10)),
)


def after(reports: list[Receipt]) -> Receipt | None:
    receipt = None
    for says in reports:
        receipt = advance(receipt, says, **NOW) or receipt  # type: ignore[arg-type]
    return receipt


@given(st.lists(anything, max_size=12))
def test_whatever_a_tablet_says_its_receipt_never_goes_back(reports: list[Receipt]) -> None:
    receipt = None
    for says in reports:
        new = advance(receipt, says, **NOW)  # type: ignore[arg-type]
        if new is not None:
            assert new.version == 2 and new.pages <= 10
            if receipt is not None:
                assert RECEIPT_ORDER.index(new.state) >= RECEIPT_ORDER.index(receipt.state) and new.pages >= receipt.pages
            assert advance(new, says, **NOW) is None  # type: ignore[arg-type]  # a repeat does no harm
            receipt = new


@given(st.lists(honest, min_size=1, max_size=8), st.randoms())
def test_reports_in_any_order_and_repeated_end_the_same(reports: list[Receipt], dice: object) -> None:
    shuffled = reports * 2
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(shuffled) == after(reports)


@pytest.mark.parametrize(
    ("step", "allowed"), [("withdraw", {"queued", "rendering", "ready", "refused", "on_paper"}), ("retry", {"refused"})]
)
def test_which_steps_a_paper_can_take(step: str, allowed: set[str]) -> None:
    for state in ("queued", "rendering", "ready", "refused", "on_paper", "withdrawn"):
        if state in allowed:
            expect(step, state)
        else:
            with pytest.raises(Refusal) as no:
                expect(step, state)
            assert no.value.answer()["error"] == {"code": "wrong_state", "detail": {"state": state}}


def test_a_withdrawal_hides_every_other_state() -> None:
    assert (shown("ready", True), shown("ready", False)) == ("withdrawn", "ready")


@pytest.mark.parametrize(
    ("head", "is_one"), [(b"%PDF-1.7", True), (b"\r\n junk " * 90 + b"%PDF-1.4", True), (b"PK\x03\x04", False), (b"", False),
                         (bytes(1100) + b"%PDF-1.7", False)],
)  # fmt: skip
def test_a_pdf_is_known_by_its_beginning(head: bytes, is_one: bool) -> None:
    assert is_pdf(head) is is_one


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Tờ trình 412.pdf", "Tờ trình 412.pdf"),
        ("C:\\Users\\thuky\\Tờ trình.pdf", "Tờ trình.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("bao\u202efdp.exe", "baofdp.exe"),
        ("", ""),
        (".pdf", ".pdf"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
        ("x" * 300, "x" * 80),
        ("Báo cáo v1." + "y" * 200, ("Báo cáo v1." + "y" * 200)[:80]),
    ],
)
def test_a_file_name_is_only_a_name(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept
    assert len(clean_name(given_name)) <= 80
