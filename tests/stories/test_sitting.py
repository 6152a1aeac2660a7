"""One sitting from start to finish, on real processes, in eight real browser pages."""

import os
import re
import signal
from pathlib import Path

from playwright.sync_api import Page, expect

from meetroom import journal
from meetroom.documents import sample
from tests.house import House, answers, until

expect.set_options(timeout=20_000)
TITLE = "Kỳ họp chuyên đề, HĐND tỉnh Thanh Giang khóa XIX"
PAGES = 40


def test_a_sitting(house: House, tmp_path: Path) -> None:
    secretary = house.page("thuky", "/", 1440, 900)
    meeting = clone(secretary)
    opened_papers(house, secretary, meeting, tmp_path)
    path = f"/m/{meeting}"
    chair = house.page("chutoa", f"{path}/chair")
    delegates = [house.page(name, f"{path}/delegate") for name in ("hanh", "bao", "chau")]
    points = [house.page(name, f"{path}/point", 1366, 768) for name in ("tanlap", "anhoa")]
    wall = house.page("manhinh", f"{path}/wall", 1920, 1080)

    for delegate in delegates:  # every tablet shows page 1
        delegate.get_by_role("button", name="Có mặt", exact=True).click()
        expect(delegate.get_by_text("Điểm danh đại biểu")).to_be_hidden()
        expect(delegate.get_by_role("img", name=re.compile("Trang 1,"))).to_be_visible()
        until(lambda page=delegate: shown(page, 1), 20, "page 1 is there")
    quorum(house, secretary, meeting)
    expect(chair.get_by_text("đủ điều kiện họp")).to_be_visible()

    follow(secretary, delegates, wall)
    conference(house, chair, points)
    vote(house, secretary, chair, delegates, wall, meeting)
    close(house, secretary, delegates, meeting, tmp_path)
    assert house.errors == []


def clone(secretary: Page) -> int:
    """A new meeting after the last one: agenda, people and points come along."""
    secretary.get_by_role("button", name="Tạo cuộc họp").click()
    secretary.get_by_text("Theo cuộc họp trước").click()
    secretary.get_by_label("Tên cuộc họp").fill(TITLE)
    secretary.get_by_role("button", name="Tạo cuộc họp").last.click()
    secretary.wait_for_url(re.compile(r"/m/\d+/secretary"))
    expect(secretary.get_by_text(TITLE).first).to_be_visible()
    found = re.search(r"/m/(\d+)/", secretary.url)
    assert found
    return int(found[1])


def opened_papers(house: House, secretary: Page, meeting: int, folder: Path) -> None:
    """The sitting is opened, and a report of forty pages reaches the item in hand."""
    paper = folder / "báo cáo.pdf"
    paper.write_bytes(sample.sample("report", title="Báo cáo tình hình kinh tế - xã hội", number="385/BC-UBND", pages=PAGES))
    step(secretary, "Khai mạc cuộc họp")
    step(secretary, "Khai mạc; báo cáo đại biểu có mặt")
    with secretary.expect_file_chooser() as chooser:
        secretary.get_by_role("button", name="Tải lên mục 1").click()
    chooser.value.set_files(paper)
    snapshot = lambda: sync(secretary, meeting)["papers"]  # noqa: E731
    until(lambda: snapshot() and snapshot()[0]["state"] == "ready", 240, "forty pages are prepared")
    assert snapshot()[0]["ready"] == snapshot()[0]["page_count"] == PAGES


def step(secretary: Page, does: str) -> None:
    """ "Bước tiếp theo", which must say what it will do."""
    button = secretary.get_by_role("button", name=re.compile("Bước tiếp theo"))
    expect(button).to_contain_text(does)
    secretary.wait_for_timeout(800)  # a tap right after a step changed was meant for the step before
    button.click()
    expect(button).not_to_contain_text(does)


def sync(page: Page, meeting: int) -> dict:  # type: ignore[type-arg]
    snapshot: dict = page.context.request.get(f"/api/sync/{meeting}").json()["result"]["snapshot"]  # type: ignore[type-arg]
    return snapshot


def shown(page: Page, number: int) -> bool:
    """Whether a page image of that number is decoded on the screen."""
    script = """n => [...document.querySelectorAll('img')].some(
        i => i.alt.startsWith(`Trang ${n},`) && i.complete && i.naturalWidth > 1000 && i.checkVisibility())"""
    return bool(page.evaluate(script, number))


def quorum(house: House, secretary: Page, meeting: int) -> None:
    """The secretary marks those who came without a tablet."""
    for member in [m for m in sync(secretary, meeting)["members"] if m["votes"] and not m["present"]][:35]:
        house.command(secretary, "member.mark", meeting_id=meeting, member_id=member["id"], present=True)


def follow(secretary: Page, delegates: list[Page], wall: Page) -> None:
    """The presenter turns the page, and every tablet turns with it; who leaves reads alone and comes back with one tap."""
    secretary.get_by_role("button", name="Chiếu tài liệu").first.click()
    choose = secretary.get_by_role("menuitem")
    if choose.count():
        choose.first.click()
    for delegate in delegates:
        expect(delegate.get_by_text("Đang theo dõi")).to_be_visible()
    for number in (2, 3):
        secretary.get_by_role("button", name="Trang sau").click()
        for delegate in delegates:
            until(lambda page=delegate, n=number: shown(page, n), 15, f"page {number} is shown")
    delegates[0].get_by_role("button", name="Rời theo dõi").click()
    secretary.get_by_role("button", name="Trang sau").click()
    until(lambda: shown(delegates[1], 4), 15, "followers turn")
    assert shown(delegates[0], 3)
    delegates[0].get_by_role("button", name="Theo dõi lại").click()
    until(lambda: shown(delegates[0], 4), 15, "back with the presenter")
    page_on_wall = "[...document.querySelectorAll('img')].some(i => i.complete && i.naturalWidth > 1000)"
    until(lambda: wall.evaluate(page_on_wall), 15, "the wall shows the page")
    secretary.get_by_role("button", name="Ngừng chiếu").click()


def conference(house: House, chair: Page, points: list[Page]) -> None:
    """Two points join; the one that asks gets the floor, the stage and an open microphone; its picture moves at the others."""
    tanlap, anhoa = points
    for point in points:
        point.get_by_role("button", name="Vào phòng họp").click()
    for point in points:
        until(lambda page=point: page.evaluate("decoded()") > 5, 60, "a picture of the other point")
    expect(tanlap.get_by_text("Mic đang tắt").first).to_be_visible()
    tanlap.get_by_role("button", name="Xin phát biểu").click()
    chair.get_by_role("button", name=re.compile("Mời .*Bách phát biểu|Mời phát biểu")).first.click()
    expect(tanlap.get_by_text("Đang phát biểu").first).to_be_visible()
    stage = "document.querySelector('video')"
    until(lambda: anhoa.evaluate(f"{stage}?.videoWidth > 0"), 30, "the speaker is on the stage")
    before, picture = anhoa.evaluate("decoded()"), anhoa.evaluate(LOOK)
    until(lambda: anhoa.evaluate("decoded()") > before + 20, 30, "frames go on being decoded")
    until(lambda: anhoa.evaluate(LOOK) != picture, 30, "the picture on the stage changes")


# The first picture that moves, as a few pixels.
LOOK = """() => { const v = [...document.querySelectorAll('video')].find(v => v.videoWidth > 0);
  const c = document.createElement('canvas'); c.width = 32; c.height = 18; const g = c.getContext('2d');
  g.drawImage(v, 0, 0, 32, 18); return Array.from(g.getImageData(0, 0, 32, 18).data).join(); }"""


def vote(house: House, secretary: Page, chair: Page, delegates: list[Page], wall: Page, meeting: int) -> None:
    """Three values; in the middle of it the web process is killed, and every ballot counts once all the same."""
    item = next(item for item in sync(secretary, meeting)["items"] if item["state"] == "current")
    title = "Thông qua chương trình kỳ họp"
    order = {"item_id": item["id"], "title": title, "rule": "council.majority", "seconds": 600}
    house.command(secretary, "vote.create", meeting_id=meeting, **order)
    step(secretary, f"Mở biểu quyết: {title}")
    hanh, bao, chau = delegates
    hanh.get_by_role("button", name="Tán thành", exact=True).click()
    expect(hanh.get_by_text("ĐÃ GHI NHẬN", exact=True)).to_be_visible()

    old = house.pid("signaling")
    os.kill(old, signal.SIGKILL)
    bao.get_by_role("button", name="Không tán thành").click()  # nobody is there to take it
    expect(bao.get_by_text("ĐÃ GHI NHẬN", exact=True)).to_be_hidden()
    until(lambda: answers(house.url), 30, "the web process is back")
    assert house.pid("signaling") != old
    expect(bao.get_by_text("ĐÃ GHI NHẬN", exact=True)).to_be_visible()
    chau.get_by_role("button", name="Không biểu quyết").click()
    expect(chau.get_by_text("ĐÃ GHI NHẬN", exact=True)).to_be_visible()

    secretary.get_by_role("button", name=re.compile("Bước tiếp theo")).click()  # closes the vote: not all have voted
    secretary.get_by_role("button", name="Đóng biểu quyết").last.click()
    step(secretary, "Công bố kết quả")
    expect(wall.get_by_text("Kết quả biểu quyết")).to_be_visible()
    expect(wall.get_by_text("KHÔNG ĐƯỢC THÔNG QUA")).to_be_visible()  # 1 of 47
    result = sync(secretary, meeting)["votes"][0]["results"][0]
    assert (result["counts"], result["all_members"]) == ([1, 1, 1], 47)
    expect(chair.get_by_text("Kết quả biểu quyết").first).to_be_visible()


def close(house: House, secretary: Page, delegates: list[Page], meeting: int, folder: Path) -> None:
    """The sitting is closed; its journal stands up to an inspector, and does not when one letter was changed."""
    house.command(secretary, "meeting.close", meeting_id=meeting)
    expect(secretary.get_by_text("Đã bế mạc").first).to_be_visible()
    exported = folder / "journal.jsonl"
    assert house.run("export-journal", str(meeting), str(exported)).returncode == 0
    count, _ = journal.verify(exported.read_text(encoding="utf-8").splitlines())
    assert count > 100
    assert house.run("verify", str(exported)).returncode == 0
    exported.write_text(exported.read_text(encoding="utf-8").replace("against", "for", 1), encoding="utf-8")
    assert house.run("verify", str(exported)).returncode == 1
