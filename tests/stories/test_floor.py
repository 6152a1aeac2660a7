"""A floor round with a remote point: who is there, who asks, whose time runs out, and who is called for help."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.house import House
from tests.stories.test_sitting import sync

VILLAGER = "Ông Vàng A Páo, trưởng thôn"
DEPUTY = "Phạm Thu Nga"
QUOTA = 12  # seconds


def test_the_floor(house: House) -> None:
    secretary = house.page("thuky", "/", 1440, 900)
    meeting = sitting(house, secretary)
    path = f"/m/{meeting}"
    secretary.goto(f"{path}/secretary")
    tanlap = house.page("tanlap", f"{path}/point", 1366, 768)
    chair, hanh = house.page("chutoa", f"{path}/chair"), house.page("hanh", f"{path}/delegate")
    wall, technician = house.page("manhinh", f"{path}/wall", 1920, 1080), house.page("kythuat", f"{path}/technician")

    presence(secretary, chair, hanh, tanlap, meeting, house)
    floor(chair, hanh, tanlap, wall, secretary, meeting)
    call(tanlap, technician)
    note(secretary, hanh)
    assert house.errors == []
    for page in (secretary, tanlap, chair, hanh, wall, technician):
        page.context.close()


def sitting(house: House, secretary: Page) -> int:
    """A conference of its own with the demo's people, open, with an item in hand and a small quota for each person."""

    def do(name: str, /, **order: Any) -> Any:
        return house.command(secretary, name, **order)

    person = {member["full_name"]: member["person_id"] for member in sync(secretary, 1)["members"]}
    start = {"title": "Hội nghị giao ban", "kind": "conference", "starts_at": "2026-12-08T01:00:00Z"}
    id: int = do("meeting.create", **start)["id"]
    point = do("point.add", meeting_id=id, name="Xã Tân Lập")["id"]
    for name, role, more in (
        ("Nguyễn Văn Thái", "chair", {"votes": True}),
        ("Nguyễn Thị Hồng Hạnh", "delegate", {"votes": True, "seat": "A 01", "group": "Tổ Vân Khánh"}),
        ("Trần Quốc Bảo", "delegate", {"votes": True, "seat": "A 02", "group": "Tổ Yên Thịnh"}),
        (DEPUTY, "delegate", {"votes": True, "point_id": point}),
        ("Hoàng Văn Bách", "operator", {"point_id": point}),
        ("Phùng Gia Huy", "technician", {}),
        ("Màn hình hội trường", "wall", {}),
    ):
        do("member.invite", meeting_id=id, person_id=person[name], role=role, **more)
    item = do("item.add", meeting_id=id, title="Thảo luận", kind="debate", minutes=30)["id"]
    do("meeting.open", meeting_id=id)
    do("item.start", meeting_id=id, item_id=item)
    do("floor.set", meeting_id=id, order="groups", person_seconds=QUOTA, cut=True)
    return id


def presence(secretary: Page, chair: Page, hanh: Page, tanlap: Page, meeting: int, house: House) -> None:
    """By tap, by the operator of the point, by the hall's code; too few until the last of them has come."""
    short = chair.get_by_text(re.compile("Thiếu 2 đại biểu"))
    expect(short).to_be_visible()
    hanh.get_by_role("button", name="Có mặt", exact=True).click()
    tanlap.get_by_role("button", name="Vào phòng họp").click()
    tanlap.get_by_role("button", name="Điểm danh 0 / 1").click()
    tanlap.get_by_role("button", name=DEPUTY).click()
    expect(tanlap.get_by_role("button", name=DEPUTY)).to_have_attribute("aria-pressed", "true")
    tanlap.get_by_role("button", name="Thu nhỏ").last.click()
    expect(short).to_be_hidden()
    code = secretary.context.request.get(f"/api/meetings/{meeting}/hall-code").json()["result"]["code"]
    bao = house.page("bao", f"/m/{meeting}/here?code={code}", 390, 844)
    expect(bao.get_by_text("Đã điểm danh có mặt")).to_be_visible()
    bao.context.close()
    secretary.get_by_role("button", name="Thành phần").click()
    secretary.get_by_text("Sơ đồ ghế", exact=True).click()
    expect(secretary.get_by_role("button", name="A 02, Trần Quốc Bảo, có mặt")).to_be_visible()


def floor(chair: Page, hanh: Page, tanlap: Page, wall: Page, secretary: Page, meeting: int) -> None:
    """Somebody of the point's hall speaks until the quota is used up: the floor and the microphone close by themselves."""
    tanlap.get_by_role("button", name="Đăng ký khác").click()
    tanlap.get_by_role("menuitem", name="Đăng ký cho người trong hội trường").click()
    name = tanlap.get_by_label("Người khác: họ tên, chức vụ")
    name.fill(VILLAGER)
    name.press("Enter")
    expect(tanlap.get_by_role("button", name=f"Rút đăng ký của {VILLAGER}")).to_be_visible()
    tanlap.get_by_role("button", name="Thu nhỏ").last.click()
    hanh.get_by_role("button", name="Xin phát biểu").click()
    expect(hanh.get_by_text("Đã đăng ký, thứ 2")).to_be_visible()
    expect(secretary.get_by_role("button", name="A 01, Nguyễn Thị Hồng Hạnh, xin phát biểu")).to_be_visible()

    chair.get_by_role("button", name=f"Mời phát biểu: {VILLAGER}").click()
    expect(wall.get_by_text(VILLAGER).first).to_be_visible()
    expect(tanlap.get_by_text("Đang phát biểu").first).to_be_visible()
    point = lambda: sync(secretary, meeting)["points"][0]  # noqa: E731
    assert point()["mic"] == "on"
    expect(chair.get_by_text("Chưa có ai phát biểu")).to_be_visible(timeout=(QUOTA + 15) * 1000)
    assert point()["mic"] == "off"
    speech = next(one for one in sync(secretary, meeting)["requests"] if one["speaker"] == VILLAGER)
    assert (speech["state"], speech["seconds"]) == ("done", QUOTA)

    tanlap.get_by_role("button", name="Đăng ký khác").click()
    tanlap.get_by_role("menuitem", name="Đăng ký cho người trong hội trường").click()
    name.fill(VILLAGER)
    name.press("Enter")
    tanlap.get_by_role("button", name="Thu nhỏ").last.click()
    expect(chair.get_by_role("button", name=f"Mời thêm 1 phút: {VILLAGER}")).to_be_visible()
    chair.get_by_role("button", name="Mời phát biểu: Nguyễn Thị Hồng Hạnh").click()
    expect(hanh.get_by_text("Đang phát biểu").first).to_be_visible()
    chair.get_by_role("button", name="Mời kết thúc").click()
    expect(hanh.get_by_role("button", name="Xin phát biểu")).to_be_visible()


def call(tanlap: Page, technician: Page) -> None:
    """Asked, taken, done: each side sees where it stands."""
    tanlap.get_by_role("button", name="Gọi kỹ thuật").click()
    tanlap.get_by_role("button", name="Gọi kỹ thuật").last.click()
    expect(tanlap.get_by_text(re.compile("đang chờ người nhận"))).to_be_visible()
    technician.get_by_text("Gọi, tin nhắn 1").click()
    technician.get_by_role("button", name=re.compile("Nhận ?: Điểm cầu xã Tân Lập")).click()
    expect(tanlap.get_by_text(re.compile("Phùng Gia Huy đã nhận"))).to_be_visible()
    technician.get_by_role("button", name=re.compile("Xong ?: Điểm cầu xã Tân Lập")).click()
    expect(tanlap.get_by_role("button", name="Gọi kỹ thuật").last).to_be_visible()
    expect(technician.get_by_text("Không có ai đang gọi.")).to_be_visible()


def note(secretary: Page, hanh: Page) -> None:
    """The secretary writes; the delegate's page says so without covering it, and answers by one tap."""
    secretary.get_by_role("button", name="Tin nhắn").click()
    secretary.get_by_role("button", name="Tin mới").click()
    secretary.get_by_label("Gửi tới đại biểu hoặc điểm cầu").first.fill("hanh")
    expect(secretary.get_by_role("option")).to_have_count(1)
    secretary.keyboard.press("Enter")
    secretary.get_by_placeholder("Viết tin nhắn").fill("Mời đại biểu ký sổ điểm danh")
    secretary.keyboard.press("Enter")
    expect(hanh.get_by_text("Mời đại biểu ký sổ điểm danh")).to_be_visible()
    hanh.get_by_role("button", name="Mở", exact=True).click()
    hanh.get_by_role("button", name="Đã rõ").click()
    expect(secretary.get_by_text("Đã rõ").last).to_be_visible()
    expect(secretary.get_by_text(re.compile("đã xem"))).to_be_visible()
