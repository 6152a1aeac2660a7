"""Reading together: following the presenter, looking back alone, the pointer, handing over, large type, and searching without
diacritics, also without a network."""

import re

from playwright.sync_api import Page, expect

from meetroom.documents import sample
from tests.house import House, until
from tests.stories.test_sitting import shown, sync

CHAIR, HANH = "Nguyễn Văn Thái", "Nguyễn Thị Hồng Hạnh"


def test_reading_together(house: House) -> None:
    secretary = house.page("thuky", "/")
    meeting = sitting(house, secretary)
    chair, hanh, bao = (house.page(user, f"/m/{meeting}/delegate") for user in ("chutoa", "hanh", "bao"))
    wall = house.page("manhinh", f"/m/{meeting}/wall", 1920, 1080)
    for page in (chair, hanh, bao):
        page.get_by_role("button", name="Có mặt", exact=True).click()
        until(lambda page=page: shown(page, 1), 20, "page 1 is there")

    follow(chair, hanh, wall)
    point(chair, hanh, wall)
    look_back(chair, hanh)
    hand_over(chair, hanh, bao, wall)
    large_type(bao)
    search(bao)
    assert house.errors == []
    for page in (secretary, chair, hanh, bao, wall):
        page.context.close()


def sitting(house: House, secretary: Page) -> int:
    """A conference of its own, open, with a report of six pages in hand."""
    person = {member["full_name"]: member["person_id"] for member in sync(secretary, 1)["members"]}
    start = {"title": "Hội nghị đọc tài liệu", "kind": "conference", "starts_at": "2026-12-08T01:00:00Z"}
    id: int = house.command(secretary, "meeting.create", **start)["id"]
    for name, role in ((CHAIR, "chair"), (HANH, "delegate"), ("Trần Quốc Bảo", "delegate"), ("Màn hình hội trường", "wall")):
        house.command(secretary, "member.invite", meeting_id=id, person_id=person[name], role=role, votes=role != "wall")
    item = house.command(secretary, "item.add", meeting_id=id, title="Kinh tế - xã hội")["id"]
    file = sample.sample("report", title="Báo cáo kinh tế - xã hội", number="385/BC-UBND", pages=6)
    headers = {"Content-Type": "application/pdf", "X-Filename": "bao-cao.pdf"}
    upload = secretary.context.request.post(f"/api/uploads?meeting_id={id}", data=file, headers=headers).json()["result"]
    paper = {"title": "Báo cáo", "number": "385/BC-UBND", "file": upload["sha256"]}
    house.command(secretary, "paper.add", meeting_id=id, item_id=item, **paper)
    house.command(secretary, "meeting.open", meeting_id=id)
    house.command(secretary, "item.start", meeting_id=id, item_id=item)
    until(lambda: sync(secretary, id)["papers"][0]["state"] == "ready", 60, "the report is prepared")
    return id


def follow(chair: Page, hanh: Page, wall: Page) -> None:
    """Page and enlargement are the presenter's."""
    chair.get_by_role("button", name="Trình chiếu trang này").click()
    expect(hanh.get_by_text("Đang theo dõi")).to_be_visible()
    chair.keyboard.press("ArrowRight")
    for page in (hanh, wall):
        until(lambda page=page: shown(page, 2), 15, "page 2 is shown")
    whole = width(hanh)
    chair.keyboard.press("+")
    until(lambda: width(hanh) > 1.2 * whole, 10, "the follower's page is enlarged")
    chair.keyboard.press("0")
    until(lambda: abs(width(hanh) - whole) < 2, 10, "and as it was")


def width(page: Page) -> float:
    found: float = page.evaluate("document.querySelector('.slot:not([inert]) .sheet').getBoundingClientRect().width")
    return found


def point(chair: Page, hanh: Page, wall: Page) -> None:
    """The same spot of the page on every screen, and nothing once the pointer is put away."""
    chair.get_by_role("button", name="Con trỏ").click()
    box = chair.locator(".slot:not([inert]) .pad").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.125
    chair.mouse.move(x - 20, y)
    chair.mouse.move(x, y)
    spot = re.compile(r"left: 2(4\.[5-9]|5|5\.[0-5])\d*%; top: 12\.[2-8]\d*%")
    for page in (hanh, wall):
        expect(page.locator(".pointer").first).to_have_attribute("style", spot)
    expect(hanh.get_by_text("Người trình bày").first).to_be_visible()
    chair.get_by_role("button", name="Con trỏ").click()
    for page in (hanh, wall):
        expect(page.locator(".pointer")).to_have_count(0)


def look_back(chair: Page, hanh: Page) -> None:
    """Who turns the page reads alone, until one tap."""
    hanh.keyboard.press("ArrowLeft")
    expect(hanh.get_by_text("Đang xem riêng")).to_be_visible()
    until(lambda: shown(hanh, 1), 10, "back on page 1")
    chair.keyboard.press("ArrowRight")
    expect(hanh.get_by_text("Trình bày ở trang 3")).to_be_visible()
    assert shown(hanh, 1)
    hanh.get_by_role("button", name="Theo dõi lại").click()
    until(lambda: shown(hanh, 3), 10, "with the presenter again")


def hand_over(chair: Page, hanh: Page, bao: Page, wall: Page) -> None:
    """Another member turns from now on, and whoever gave it away follows."""
    chair.get_by_role("button", name="Chuyển quyền").click()
    chair.get_by_role("combobox", name="Tìm người trình chiếu").fill("hong hanh")
    chair.get_by_role("option", name=re.compile(HANH)).click()
    expect(hanh.get_by_text("Đang trình chiếu")).to_be_visible()
    expect(chair.get_by_text("Đang theo dõi")).to_be_visible()
    hanh.keyboard.press("ArrowRight")
    for page in (chair, bao, wall):
        until(lambda page=page: shown(page, 4), 15, "page 4 is shown")


def large_type(bao: Page) -> None:
    """The words of the page, 21 px high, with the presenter's line marked."""
    bao.get_by_role("button", name="Cách xem").click()
    bao.get_by_text("Chữ lớn", exact=True).click()
    bao.keyboard.press("Escape")
    expect(bao.locator("article .presented").first).to_be_visible()
    assert bao.evaluate("getComputedStyle(document.querySelector('article')).fontSize") == "21px"
    bao.locator(".kind").get_by_text("Trang in", exact=True).click()
    until(lambda: shown(bao, 4), 10, "the print again")


def search(bao: Page) -> None:
    """In the paper, then in the meeting by the server, then in what is here when there is no server."""
    bao.keyboard.press("/")
    field = bao.get_by_role("searchbox")
    expect(field).to_be_focused()
    bao.keyboard.type("dau tu cong")
    hits = bao.locator(".results button")
    expect(hits.first).to_contain_text(re.compile("đầu tư công", re.IGNORECASE))
    bao.get_by_text("Cả cuộc họp", exact=True).click()
    expect(bao.locator(".results h3")).to_contain_text("385/BC-UBND")
    bao.context.set_offline(True)
    field.fill("ĐẦU TƯ")
    expect(bao.get_by_text("Không có kết nối")).to_be_visible()
    expect(hits.first).to_contain_text(re.compile("đầu tư", re.IGNORECASE))
    hits.first.click()
    expect(bao.get_by_text(re.compile(r"Chỗ 1 / \d+"))).to_be_visible()
    expect(bao.locator(".slot:not([inert]) .mark").first).to_be_visible()
    expect(bao.get_by_text("Đang xem riêng")).to_be_visible()
    bao.context.set_offline(False)
