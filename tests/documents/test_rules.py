import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.documents.rules import RECEIPT_ORDER, Receipt, advance, clean_name, expect, is_pdf, readable, shown
from meetroom.errors import Refusal

NOW = {"version": 2, "page_count": 10, "withdrawn": False}
GONE = {"version": 2, "page_count": 10, "withdrawn": True}


@pytest.mark.parametrize(
    ("old", "told", "new"),
    [
        (None, Receipt(2, "announced", 0), Receipt(2, "announced", 0)),
        (None, Receipt(2, "first_page", 1), Receipt(2, "first_page", 1)),
        (None, Receipt(2, "opened", 3), Receipt(2, "opened", 3)),  # read while the rest is on its way
        (Receipt(2, "announced", 0), Receipt(2, "complete", 10), Receipt(2, "complete", 10)),
        (Receipt(2, "first_page", 4), Receipt(2, "first_page", 7), Receipt(2, "first_page", 7)),
        (Receipt(2, "opened", 4), Receipt(2, "complete", 10), Receipt(2, "opened", 10)),
        (Receipt(2, "first_page", 4), Receipt(2, "first_page", 2), None),  # an older report, late
        (Receipt(2, "complete", 10), Receipt(2, "announced", 0), None),
        (Receipt(2, "complete", 10), Receipt(2, "complete", 10), None),
        (Receipt(1, "opened", 8), Receipt(2, "announced", 0), Receipt(2, "announced", 0)),  # a new version starts anew
        (Receipt(2, "announced", 0), Receipt(1, "complete", 8), None),
        (None, Receipt(3, "complete", 10), None),  # a version that does not exist
        (None, Receipt(2, "first_page", 9999), Receipt(2, "first_page", 10)),  # not more pages than there are
        (None, Receipt(2, "complete", 9), Receipt(2, "first_page", 9)),
        (None, Receipt(2, "opened", 0), Receipt(2, "announced", 0)),
        (Receipt(2, "withdrawn", 0), Receipt(2, "first_page", 1), Receipt(2, "first_page", 1)),  # restored
        (Receipt(2, "opened", 10), Receipt(2, "withdrawn", 0), None),  # nobody has withdrawn it
    ],
)
def test_a_receipt_moves_forward(old: Receipt | None, told: Receipt, new: Receipt | None) -> None:
    assert advance(old, told, **NOW) == new  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "told", "new"),
    [
        (Receipt(2, "opened", 10), Receipt(2, "withdrawn", 0), Receipt(2, "withdrawn", 0)),
        (None, Receipt(2, "withdrawn", 0), Receipt(2, "withdrawn", 0)),
        (Receipt(2, "withdrawn", 0), Receipt(2, "withdrawn", 0), None),
        (Receipt(2, "first_page", 3), Receipt(2, "complete", 10), None),  # what was on its way no longer counts
    ],
)
def test_of_a_withdrawn_paper_only_its_deletion_counts(old: Receipt | None, told: Receipt, new: Receipt | None) -> None:
    assert advance(old, told, **GONE) == new  # type: ignore[arg-type]


def test_of_a_paper_without_pages_nobody_has_any() -> None:
    assert advance(None, Receipt(1, "complete", 5), version=1, page_count=0, withdrawn=False) == Receipt(1, "announced", 0)


anything = st.builds(Receipt, st.sampled_from([1, 2, 3]), st.sampled_from(RECEIPT_ORDER), st.integers(0, 20))
honest = st.one_of(
    st.just(Receipt(2, "announced", 0)),
    st.builds(Receipt, st.just(2), st.sampled_from(["first_page", "opened"]), st.integers(1, 10)),
    st.just(Receipt(2, "complete", 10)),
)


def after(reports: list[Receipt]) -> Receipt | None:
    receipt = None
    for told in reports:
        receipt = advance(receipt, told, **NOW) or receipt  # type: ignore[arg-type]
    return receipt


@given(st.lists(anything, max_size=12))
def test_whatever_a_tablet_says_its_receipt_never_goes_back(reports: list[Receipt]) -> None:
    receipt = None
    for told in reports:
        new = advance(receipt, told, **NOW)  # type: ignore[arg-type]
        if new is not None:
            assert new.version == 2 and new.pages <= 10
            if receipt is not None:
                assert RECEIPT_ORDER.index(new.state) >= RECEIPT_ORDER.index(receipt.state) and new.pages >= receipt.pages
            assert advance(new, told, **NOW) is None  # type: ignore[arg-type]  # a repeat does no harm
            receipt = new


@given(st.lists(honest, min_size=1, max_size=8), st.randoms())
def test_reports_in_any_order_and_repeated_end_the_same(reports: list[Receipt], dice: object) -> None:
    shuffled = reports * 2
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(shuffled) == after(reports)


@pytest.mark.parametrize(("step", "allowed"), [("withdraw", {"queued", "rendering", "ready", "refused"}), ("retry", {"refused"})])
def test_which_steps_a_paper_can_take(step: str, allowed: set[str]) -> None:
    for state in ("queued", "rendering", "ready", "refused", "withdrawn"):
        if state in allowed:
            expect(step, state)
        else:
            with pytest.raises(Refusal) as no:
                expect(step, state)
            assert no.value.answer()["error"] == {"code": "wrong_state", "detail": {"state": state}}


def test_a_withdrawal_hides_every_other_state() -> None:
    assert (shown("ready", True), shown("ready", False)) == ("withdrawn", "ready")
    assert [readable(state) for state in ("queued", "rendering", "ready", "refused", "withdrawn")] == [True] * 3 + [False] * 2


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
