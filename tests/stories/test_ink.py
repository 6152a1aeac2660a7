"""Ink on a tablet: drawn with a pen, through a lost network, over a new version of the paper, for oneself and for others."""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf
from playwright.sync_api import CDPSession, Locator, Page, expect

from meetroom.documents import sample
from tests.cable import Cable
from tests.house import House, until
from tests.stories.test_sitting import sync

MEETING = 1
WORDS = "Tăng 50 %: trung tâm dữ liệu quý mấy xong?"
FOR_ALL = "Đề nghị làm rõ nguồn vốn đối ứng"


def test_ink(house: House, tmp_path: Path) -> None:
    secretary = house.page("thuky", "/")
    paper = upload(house, secretary, tmp_path)
    with Cable(house.port) as cable, tablet(house, "chau", cable.port) as chau:
        read(chau, paper)
        pen = Pen(chau)
        take(chau)
        pen.circle(0.5, 0.2)
        blue(chau, 0.5, 0.2, "a stroke is seen while it is drawn")
        until(lambda: len(ink(chau)) == 1, 15, "it reaches the server")

        cable.pull()
        expect(chau.get_by_text("Mất kết nối", exact=False).first).to_be_visible()
        turn(chau, "Trang sau")
        pen.circle(0.5, 0.25)
        blue(chau, 0.5, 0.25, "drawing goes on without a network")
        note(chau, pen, WORDS)
        expect(chau.get_by_text("chờ gửi").first).to_be_visible()
        assert len(ink(secretary, "chau", house)) == 1
        cable.plug()
        until(lambda: len(ink(chau)) == 3, 30, "what was drawn meanwhile arrives once")

        versions(house, secretary, chau, paper, tmp_path)
        shared(house, chau, pen, paper)
        printed(chau, tmp_path)
    assert house.errors == []


def upload(house: House, secretary: Page, folder: Path, paper: int | None = None) -> int:
    """Three pages; the second version has another first page."""
    document = pymupdf.open(stream=sample.sample("submission", title="Về kế hoạch đầu tư công", number="412/TTr-UBND", pages=3))
    if paper is not None:
        document[0].insert_text((200, 60), "Sửa lần 2", fontsize=20)
    body = document.tobytes()
    answer = secretary.context.request.post(
        f"/api/uploads?meeting_id={MEETING}", data=body, headers={"X-Filename": "to-trinh.pdf"}
    )
    sha256 = answer.json()["result"]["sha256"]
    if paper is None:
        item = sync(secretary, MEETING)["items"][0]["id"]
        order = {"item_id": item, "title": "Tờ trình kế hoạch đầu tư công", "number": "TTr ghi chú", "file": sha256}
        paper = house.command(secretary, "paper.add", meeting_id=MEETING, **order)["id"]
    else:
        house.command(secretary, "paper.replace", meeting_id=MEETING, paper_id=paper, file=sha256)
    ready = lambda: next(p for p in sync(secretary, MEETING)["papers"] if p["id"] == paper)["state"] == "ready"  # noqa: E731
    until(ready, 60, "the paper is prepared")
    return paper


@contextmanager
def tablet(house: House, user: str, port: int) -> Iterator[Page]:
    """A tablet on a cable of its own."""
    there, house.port = house.port, port
    try:
        page = house.page(user, f"/m/{MEETING}/delegate")
    finally:
        house.port = there
    yield page
    page.context.close()


def read(page: Page, paper: int) -> None:
    """Take up the paper at its first page, as if it had been left there."""
    here = page.get_by_role("button", name="Có mặt", exact=True)
    page.get_by_text("Trang", exact=False).first.wait_for()
    if here.is_visible():
        here.click()
    key = f"meetroom.reading.{MEETING}.{page.context.request.get('/api/me').json()['result']['person']['id']}"
    kept = {"paperId": paper, "following": False, "places": {str(paper): {"page": 1, "top": 0}}}
    page.evaluate("([key, kept]) => localStorage.setItem(key, JSON.stringify(kept))", [key, kept])
    page.reload()
    expect(page.get_by_role("img", name=re.compile("Trang 1, Tờ trình kế hoạch"))).to_be_visible()


def leaf(page: Page) -> Locator:
    """The page before the eyes."""
    return page.locator(".slot[tabindex='0'] .whole")


def turn(page: Page, which: str) -> None:
    """Turn the page, and wait until it lies still."""
    page.get_by_role("button", name=which).click()
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")


def take(page: Page, tool: str = "Bút") -> None:
    bar = page.get_by_role("toolbar")
    if not bar.is_visible():
        page.get_by_role("button", name="Ghi chú", exact=True).click()
    bar.get_by_role("button", name=tool, exact=True).click()


class Pen:
    """A pen on the glass, as the browser hears of one."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.line: CDPSession = page.context.new_cdp_session(page)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Parts of the page as places on the screen."""
        box = leaf(self.page).bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def send(self, kind: str, x: float, y: float) -> None:
        button = (
            {"button": "left", "buttons": 1, "clickCount": 1} if kind != "mouseReleased" else {"button": "left", "clickCount": 1}
        )
        where = {"x": x, "y": y, "pointerType": "pen", "force": 0.6}
        self.line.send("Input.dispatchMouseEvent", {"type": kind, **where, **button})

    def circle(self, x: float, y: float) -> None:
        points = [self.at(x + 0.08 * math.cos(n / 5), y + 0.03 * math.sin(n / 5)) for n in range(34)]
        self.send("mousePressed", *points[0])
        for point in points[1:]:
            self.send("mouseMoved", *point)
        self.send("mouseReleased", *points[-1])

    def tap(self, x: float, y: float) -> None:
        self.send("mousePressed", *self.at(x, y))
        self.send("mouseReleased", *self.at(x, y))


def note(page: Page, pen: Pen, words: str, whom: str = "Chỉ mình tôi", y: float = 0.2) -> None:
    """`y`: a part of the page that is on the screen and under no toast."""
    take(page, "Ghi chữ")
    pen.tap(0.85, y)
    page.get_by_label("Nội dung").fill(words)
    page.get_by_text(whom, exact=True).click()
    page.get_by_role("button", name="Lưu ghi chú").click()
    expect(page.locator("aside").get_by_text(words)).to_be_visible()


def blue(page: Page, x: float, y: float, what: str) -> None:
    """There is blue ink on the rim of a circle drawn around (x, y)."""
    look = """(whole, [x, y]) => [...whole.querySelectorAll('canvas')].some(canvas => {
        const [w, h] = [canvas.width, canvas.height];
        const [left, top] = [(x + 0.06) * w, (y - 0.01) * h];
        const { data } = canvas.getContext('2d').getImageData(left, top, 0.04 * w, 0.02 * h);
        for (let n = 0; n < data.length; n += 4) if (data[n + 3] > 200 && data[n + 2] > 120 && data[n] < 60) return true;
        return false;
    })"""
    until(lambda: leaf(page).evaluate(look, [x, y]), 15, what)


def ink(page: Page, user: str | None = None, house: House | None = None) -> list[Any]:
    """What the server keeps for this person; `user`: for somebody else's, asked on a line of its own."""
    if house is not None and user is not None:
        other = house.page(user, "/")
        try:
            return ink(other)
        finally:
            other.context.close()
    marks: list[Any] = page.context.request.get(f"/api/meetings/{MEETING}/ink").json()["result"]["marks"]
    return [mark for mark in marks if not mark["erased"]]


def versions(house: House, secretary: Page, chau: Page, paper: int, folder: Path) -> None:
    """Page 1 changes, page 2 does not: its ink stays, that of page 1 is offered beside the new page."""
    upload(house, secretary, folder, paper)
    chau.get_by_role("button", name="Xem bản 2").click()
    expect(chau.locator("aside").get_by_text(WORDS)).to_be_visible()
    blue(chau, 0.5, 0.25, "an unchanged page keeps its ink")
    turn(chau, "Trang trước")
    chau.get_by_role("button", name="Ghi chú ở bản trước").click()
    old = chau.get_by_role("dialog").locator("figure").first
    expect(old.get_by_role("img")).to_be_visible()
    until(lambda: old.locator("canvas").count() > 0, 15, "the old page is shown with its ink")
    chau.keyboard.press("Escape")


def shared(house: House, chau: Page, pen: Pen, paper: int) -> None:
    """One note for everybody; what is private is nobody else's, not the secretary's either."""
    note(chau, pen, FOR_ALL, "Mọi người", y=0.7)  # turning back leads to the lower half
    hanh = house.page("hanh", f"/m/{MEETING}/delegate")
    read(hanh, paper)
    expect(hanh.locator("aside").get_by_text(FOR_ALL)).to_be_visible()
    for user in ("hanh", "thuky", "quantri"):
        other = house.page(user, "/")
        whole = json.dumps(other.context.request.get(f"/api/sync/{MEETING}").json(), ensure_ascii=False)
        journal = other.context.request.get(f"/api/meetings/{MEETING}/journal.jsonl").text()
        assert FOR_ALL in whole and WORDS not in whole + journal, user
        other.context.close()


def printed(chau: Page, folder: Path) -> None:
    """The paper as a PDF: the ink of its present pages is on it, with the notes beside them, name and time over them."""
    chau.get_by_role("button", name="Đại biểu", exact=True).click()
    chau.get_by_role("button", name="In tài liệu").click()
    chau.get_by_role("button", name="In TTr ghi chú").click()
    with chau.expect_download(timeout=60_000) as download:
        chau.get_by_role("link", name="Tải về").click()
    file = folder / "printed.pdf"
    download.value.save_as(file)
    with pymupdf.open(file) as document:
        assert len(document) == 3
        assert [rim(document[number], y) for number, y in ((0, 0.2), (1, 0.25))] == [False, True]
        assert WORDS.split(":")[0] in document[1].get_text() and "Lê Thị Minh Châu" in document[2].get_text()


def rim(page: pymupdf.Page, y: float) -> bool:
    """Whether blue ink is on the rim of a circle drawn around (0.5, y) of an A4 sheet."""
    a4 = pymupdf.paper_rect("a4")
    clip = pymupdf.Rect(0.56 * a4.width, (y - 0.01) * a4.height, 0.6 * a4.width, (y + 0.01) * a4.height)
    pixels = page.get_pixmap(clip=clip, dpi=150)
    found = (pixels.pixel(i, j) for i in range(pixels.width) for j in range(pixels.height))
    return any(blue > 120 and red < 60 for red, _, blue in found)
