import unicodedata

import pytest

from meetroom.demo import PAPERS
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.sample import sample
from meetroom.documents.sample.money import FEES, FIELDS, SOURCES, projects
from meetroom.documents.sample.sectors import COMMUNES

MARGIN = 40  # points; nothing is printed further out


def opened(kind: str, title: str, number: str, pages: int) -> pymupdf.Document:
    return pymupdf.open(stream=sample(kind, title, number, pages), filetype="pdf")


@pytest.mark.parametrize("paper", PAPERS, ids=[f"{kind} {number}" for _, kind, _, number, _ in PAPERS])
def test_the_demos_papers_are_as_long_as_they_say_and_set_in_one_face(paper: tuple[str, str, str, str, int]) -> None:
    _, kind, title, number, pages = paper
    document = opened(kind, title, number, pages)
    assert len(document) == pages
    assert {font[3].split("+")[-1] for page in document for font in page.get_fonts()} <= {
        "TeX Gyre Termes Regular", "TeX Gyre Termes Bold", "TeX Gyre Termes Italic", "TeX Gyre Termes Bold Italic",
    }  # fmt: skip
    for page in document:
        inside = page.rect + (MARGIN, 20, -MARGIN, -MARGIN)
        words = page.get_text("words")
        assert len(words) > 15 and all(pymupdf.Rect(word[:4]) in inside for word in words), page.number + 1


def test_a_submission_begins_as_official_documents_do() -> None:
    text = opened("submission", "Tờ trình về Kế hoạch đầu tư công năm 2027", "412/TTr-UBND", 12)[0].get_text()
    for line in (
        "ỦY BAN NHÂN DÂN", "TỈNH THANH GIANG", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
        "Số: 412/TTr-UBND", "Thanh Giang, ngày 24 tháng 11 năm 2026", "TỜ TRÌNH",
        "Về việc ban hành Nghị quyết về Kế hoạch đầu tư công năm 2027",
    ):  # fmt: skip
        assert line in text, line
    assert unicodedata.is_normalized("NFC", text)


def test_a_long_paper() -> None:
    document = opened("report", "Báo cáo tình hình kinh tế - xã hội năm 2026", "385/BC-UBND", 100)
    assert len(document) == 100 and document[-1].get_text().rstrip().endswith("100")


def test_the_same_words_give_the_same_paper() -> None:
    first, second = (opened("resolution", "Dự thảo Nghị quyết về Kế hoạch đầu tư công năm 2027", "", 4) for _ in range(2))
    assert [page.get_text() for page in first] == [page.get_text() for page in second]


def test_the_figures_agree_with_each_other() -> None:
    assert sum(money for _, money in SOURCES) == sum(field.after for field in FIELDS) == 6840
    assert round(sum(project.plan for project in projects(120, "2027")), 1) == 6840
    assert all(project.plan > 0 and project.total >= project.spent + project.plan for project in projects(30, "x"))
    assert len(COMMUNES) == len(set(COMMUNES)) == 66
    changes = [(new > now) - (new < now) for _, _, now, new in FEES]
    assert (changes.count(0), changes.count(-1), changes.count(1)) == (11, 9, 5)  # as the submission says
