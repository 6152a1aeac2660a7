"""Printouts as they come out of the press: real papers, the real confined child, and what can be seen on the pages."""

import io
import json
import math
import uuid
from typing import Any

import pymupdf
import pytest
from PIL import Image
from sqlalchemy import select

from meetroom.documents.service import remember_upload
from meetroom.errors import Refusal
from meetroom.ink import rules
from meetroom.meetings import service as meetings
from meetroom.printing import service
from meetroom.printing.press import Press
from meetroom.printing.tables import PrintoutRow
from tests.sitting import Sitting

CIRCLE = rules.encode([(round(5000 + 1500 * math.cos(n / 5)), round(3000 + 400 * math.sin(n / 5)), 128) for n in range(34)])
LINE = rules.encode([(2000 + 200 * n, 6000, 128) for n in range(20)])


@pytest.fixture
def open_sitting(sitting: Sitting) -> Sitting:
    return sitting.opened()


def pdf(title: str, pages: int) -> bytes:
    document = pymupdf.open()
    for number in range(pages):
        document.new_page().insert_text((80, 80), f"{number + 1}", fontsize=20)
    document.set_metadata({"title": title})
    return bytes(document.tobytes())


def webp() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (160, 226), (250, 240, 240)).save(out, "WEBP")
    return out.getvalue()


def paper(s: Sitting, title: str, data: bytes, images: list[bytes], **order: Any) -> int:
    """A paper that is prepared, with these page images."""
    sha256, size = s.blobs.put(io.BytesIO(data), 10**8)
    with s.store.write() as session:
        remember_upload(session, s.people["secretary"], "a.pdf", sha256, size, s.now)
    made: int = s.secretary("paper.add", **{"item_id": s.item(), "title": title, "file": sha256, **order})["id"]
    pages = []
    for image in images:
        hash, size = s.blobs.put(io.BytesIO(image), 10**8)
        pages.append({"image": {"sha256": hash, "width": 1600, "height": 2263, "size": size}})
    report = {"version": 1, "page_count": len(pages), "pages": pages, "done": True}
    s.worker("paper.report_pages", paper_id=made, manifest={"sha256": "b" * 64, "size": 1}, **report)
    return made


def image_of(s: Sitting, paper_id: int) -> str:
    first = next(view.first for view in s.see("secretary").papers if view.id == paper_id)
    assert first is not None
    return first.sha256


def mark(s: Sitting, paper_id: int, **changes: Any) -> dict[str, Any]:
    plain = {"key": str(uuid.uuid4()), "kind": "pen", "paper_id": paper_id, "image": image_of(s, paper_id), "page": 1}
    return {**plain, "colour": "blue", "width": 40, "points": CIRCLE, "x": 0, "y": 0, "text": "", "shared": False, **changes}


def printed(s: Sitting, persona: str, **order: Any) -> pymupdf.Document:
    """Order it, press it, fetch it."""
    ordered = getattr(s, persona)("printout.order", **order)
    assert Press(s.store, s.blobs).step()
    with s.store.read() as session:
        viewer = meetings.viewer(session, s.actor(persona), s.meeting)
        row = service.file_for(session, viewer, s.meeting, ordered["id"])
        assert row.file is not None and row.state == "ready"
        return pymupdf.open(s.blobs.path(row.file), filetype="pdf")


def colours(page: pymupdf.Page, x: float, y: float, wide: float = 0.02) -> set[str]:
    """Which inks are on that part of the sheet it was drawn on (A4)."""
    a4 = pymupdf.paper_rect("a4")
    clip = pymupdf.Rect((x - wide) * a4.width, (y - wide) * a4.height, (x + wide) * a4.width, (y + wide) * a4.height)
    pixels = page.get_pixmap(clip=clip, dpi=100)
    found = {pixels.pixel(i, j) for i in range(pixels.width) for j in range(pixels.height)}
    blue = any(b > 120 and r < 60 for r, g, b in found)
    yellow = any(r > 240 and g > 220 and b < 170 for r, g, b in found)
    return {name for name, there in (("blue", blue), ("yellow", yellow)) if there}


def test_a_paper_with_ones_own_ink_and_what_is_shared(open_sitting: Sitting) -> None:
    s = open_sitting
    one = paper(s, "Tờ trình", pdf("Về đầu tư công", 2), [b"one", b"two"])
    words = {"kind": "note", "width": 0, "points": "", "x": 9000, "y": 4000}
    marks = [mark(s, one), mark(s, one, kind="highlighter", colour="yellow", width=200, points=LINE)]
    s.chau("ink.write", marks=[*marks, mark(s, one, text="Hỏi nguồn vốn <b>đối ứng</b>", **words)], erased=[])
    s.hanh("ink.write", marks=[mark(s, one, text="của riêng Hạnh", **words)], erased=[])
    s.hanh("ink.write", marks=[mark(s, one, text="cho mọi người", **{**words, "shared": True})], erased=[])
    with printed(s, "chau", paper_id=one, ink=True) as document:
        assert len(document) == 2
        page = document[0]
        assert colours(page, 0.65, 0.3) == {"blue"} and colours(page, 0.35, 0.6) == {"yellow"}
        text = page.get_text().replace("\n", " ")
        assert "Hỏi nguồn vốn <b>đối ứng</b>" in text and "cho mọi người" in text and "của riêng Hạnh" not in text
        assert "Lê Thị Minh Châu" in text and "1 / 2" in text
        assert page.rect.width > pymupdf.paper_rect("a4").width * 1.3 and document[1].rect.width < 600
        assert not list(page.annots())
    with printed(s, "hanh", paper_id=one, ink=True) as document:
        assert colours(document[0], 0.65, 0.3) == set()
    with printed(s, "chau", paper_id=one) as document:
        assert colours(document[0], 0.65, 0.3) == set() and "Hỏi nguồn vốn" not in document[0].get_text()


def test_a_meeting_may_do_without_a_watermark_but_not_for_what_only_some_may_read(open_sitting: Sitting) -> None:
    s = open_sitting
    s.secretary("meeting.update", title="Kỳ họp", starts_at="2026-12-08T01:00:00Z", watermark="none")
    one = paper(s, "Tờ trình", pdf("Về đầu tư công", 1), [b"one"])
    inner = paper(s, "Nội bộ", pdf("Nội bộ", 1), [b"two"], access={"kind": "members"})
    for paper_id, named in ((one, False), (inner, True)):
        with printed(s, "chau", paper_id=paper_id) as document:
            assert ("Lê Thị Minh Châu" in document[0].get_text()) == named


def test_ink_lies_where_it_was_drawn_on_a_page_that_is_turned(open_sitting: Sitting) -> None:
    turned = pymupdf.open()
    turned.new_page(width=842, height=595).set_rotation(90)  # seen upright: 595 × 842
    one = paper(open_sitting, "Quét", turned.tobytes(), [b"one"])
    open_sitting.chau("ink.write", marks=[mark(open_sitting, one)], erased=[])
    with printed(open_sitting, "chau", paper_id=one, ink=True) as document:
        assert (round(document[0].rect.width), document[0].rotation) == (595, 0)
        assert colours(document[0], 0.65, 0.3) == {"blue"} and colours(document[0], 0.5, 0.5) == set()


def test_the_pack_has_what_its_member_may_read_in_the_order_of_the_agenda(open_sitting: Sitting) -> None:
    s = open_sitting
    paper(s, "Báo cáo", pdf("Báo cáo", 3), [b"a", b"b", b"c"], number="385/BC-UBND")
    before = s.secretary("item.add", title="Khai mạc", index=0)["id"]
    paper(s, "Chương trình", pdf("Về chương trình", 2), [b"d", b"e"], item_id=before)
    inner = {"access": {"kind": "members"}}
    paper(s, "Nội bộ", pdf("Nội bộ", 1), [b"f"], **inner)
    s.secretary("paper.add", item_id=s.item(), title="Phương án bảo vệ", secrecy="secret")
    with printed(s, "guest") as document:
        text = [page.get_text() for page in document]
        assert len(document) == 2 + 2 + 3
        assert "TÀI LIỆU HỌP" in text[0] and "Kiều Minh Tuấn" in text[0] and "Kỳ họp thứ ba" in text[0]
        listed = " ".join(text[1].split())
        rows = ("Chương trình 3", "385/BC-UBND – Báo cáo 5", "Phương án bảo vệ bản giấy")
        assert sorted(rows, key=listed.index) == list(rows)
        assert "Nội bộ" not in "".join(text)
        assert [(level, title, page) for level, title, page in document.get_toc() if level == 2] == [
            (2, "Chương trình", 3),
            (2, "Báo cáo", 5),
        ]
        assert "7 / 7" in text[6] and "Kiều Minh Tuấn" in text[6]
        assert all(font[1] != "n/a" for page in document.pages(0, 2) for font in page.get_fonts()), "its fonts are in the file"
    with printed(s, "hanh") as document:
        assert len(document) == 2 + 2 + 3 + 1


def test_what_is_no_pdf_comes_as_its_page_images(open_sitting: Sitting) -> None:
    one = paper(open_sitting, "Hỏng", b"%PDF-1.7 told to be one", [webp(), webp()])
    with printed(open_sitting, "chau", paper_id=one) as document:
        assert [len(page.get_images()) for page in document] == [1, 1]


def test_a_script_in_a_paper_is_not_in_the_printout(open_sitting: Sitting) -> None:
    bad = pymupdf.open()
    bad.new_page()
    action = bad.get_new_xref()
    bad.update_object(action, "<</S/JavaScript/JS(app.alert\\(1\\))>>")
    bad.xref_set_key(bad.pdf_catalog(), "OpenAction", f"{action} 0 R")
    one = paper(open_sitting, "Có mã", bad.tobytes(), [b"one"])
    with printed(open_sitting, "chau", paper_id=one) as document:
        assert b"JavaScript" not in document.tobytes(expand=255)


def test_a_printout_is_for_one_member_and_for_as_long_as_its_papers_may_be_read(open_sitting: Sitting) -> None:
    s = open_sitting
    one = paper(s, "Tờ trình", pdf("Về đầu tư công", 1), [b"one"])
    printed(s, "chau", paper_id=one).close()
    printout = s.see("chau").printouts[0].id
    assert s.see("hanh").printouts == () == s.see("secretary").printouts

    def fetch(persona: str) -> None:
        with s.store.read() as session:
            service.file_for(session, meetings.viewer(session, s.actor(persona), s.meeting), s.meeting, printout)

    for persona in ("hanh", "secretary"):
        with pytest.raises(Refusal, match="not_found"):
            fetch(persona)
        with pytest.raises(Refusal, match="not_found"):
            getattr(s, persona)("printout.remove", printout_id=printout)
    fetch("chau")
    s.secretary("paper.withdraw", paper_id=one)
    with pytest.raises(Refusal, match="not_found"):
        fetch("chau")


def test_nothing_to_print_is_refused_and_the_same_order_is_one(open_sitting: Sitting) -> None:
    s = open_sitting
    with pytest.raises(Refusal, match="not_found"):
        s.chau("printout.order")
    one = paper(s, "Tờ trình", b"%PDF", [b"one"])
    first = s.chau("printout.order", paper_id=one)
    assert s.chau("printout.order", paper_id=one)["id"] == first["id"]
    assert s.hanh("printout.order", paper_id=one)["id"] != first["id"]


def test_what_is_given_up_leaves_the_disk(open_sitting: Sitting) -> None:
    s = open_sitting
    one = paper(s, "Tờ trình", pdf("Về đầu tư công", 1), [b"one"])
    printed(s, "chau", paper_id=one).close()
    with s.store.read() as session:
        file = session.scalars(select(PrintoutRow.file)).one()
    assert file is not None and s.blobs.exists(file)
    s.chau("printout.remove", printout_id=s.see("chau").printouts[0].id)
    Press(s.store, s.blobs).sweep()
    assert not s.blobs.exists(file) and s.see("chau").printouts == ()


def test_the_journal_says_nothing_of_what_was_printed(open_sitting: Sitting) -> None:
    one = paper(open_sitting, "Tờ trình", b"%PDF", [b"one"])
    open_sitting.chau("printout.order", paper_id=one)
    (told,) = open_sitting.told("printout.changed")
    assert "points" not in json.loads(told.body)["printout"] and told.room == f"person:{open_sitting.people['chau']}"
