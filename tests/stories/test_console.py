"""The console worked by keyboard alone, with two walls that show different things."""

import re

from playwright.sync_api import Page, expect

from tests.house import House

expect.set_options(timeout=20_000)


def test_the_sitting_is_run_by_keyboard_and_the_walls_are_seen_before_they_change(house: House) -> None:
    secretary = house.page("thuky", "/", 1440, 900)
    order = {"source_id": 1, "title": "Họp điều hành bằng bàn phím", "starts_at": "2026-12-09T08:00:00+07:00"}
    meeting = house.command(secretary, "meeting.clone", **order)["id"]
    second = secretary.context.request.post(
        "/api/commands/wall.add", data={"op_id": "second-wall", "order": {"meeting_id": meeting, "name": "Màn hình trái"}}
    ).json()["result"]["id"]
    secretary.goto(f"/m/{meeting}/secretary")

    walls = house.page("manhinh", f"/m/{meeting}/wall", 1920, 1080)
    walls.get_by_role("link", name="Màn hình trái").click()
    expect(walls).to_have_url(re.compile(rf"/wall/{second}$"))
    expect(walls.get_by_text("Khai mạc lúc 08:00")).to_be_visible()

    next_step = secretary.get_by_role("button", name=re.compile("Bước tiếp theo"))
    expect(next_step).to_contain_text("Khai mạc cuộc họp")
    steps(secretary, "n")
    expect(next_step).to_contain_text("Khai mạc; báo cáo đại biểu có mặt")
    steps(secretary, "n")
    expect(next_step).to_contain_text("Tình hình kinh tế - xã hội năm 2026")
    steps(secretary, "Control+z")
    expect(next_step).to_contain_text("Khai mạc; báo cáo đại biểu có mặt")
    steps(secretary, "g")
    secretary.keyboard.type("n m k v 1: viết là viết, không phải phím tắt")
    secretary.keyboard.press("Enter")
    expect(next_step).to_contain_text("Khai mạc; báo cáo đại biểu có mặt")
    secretary.keyboard.press("Escape")

    secretary.get_by_role("button", name="Việc khác với Màn hình trái").click()
    secretary.get_by_role("menuitem", name="Nội dung", exact=True).click()
    secretary.get_by_label("Thông báo").check()
    secretary.get_by_label("Lời thông báo").fill("Mời các đại biểu vào phòng họp")
    preview = secretary.get_by_role("img", name="Xem trước")
    expect(preview).to_contain_text("Mời các đại biểu vào phòng họp")
    expect(walls.get_by_text("Mời các đại biểu vào phòng họp")).to_have_count(0)  # seen here first
    secretary.get_by_role("button", name="Đưa lên màn hình").click()
    expect(walls.get_by_text("Mời các đại biểu vào phòng họp")).to_be_visible()

    main = house.page("manhinh", f"/m/{meeting}/wall/{second - 1}", 1920, 1080)
    expect(main.get_by_text("Mời các đại biểu vào phòng họp")).to_have_count(0)
    steps(secretary, "h")
    expect(walls.get_by_text("Mời các đại biểu vào phòng họp")).to_have_count(0)
    steps(secretary, "Control+z")
    expect(walls.get_by_text("Mời các đại biểu vào phòng họp")).to_be_visible()

    secretary.keyboard.press("?")
    expect(secretary.get_by_role("dialog", name="Phím tắt")).to_contain_text("Ctrl+Z")
    assert house.errors == []


def steps(secretary: Page, key: str) -> None:
    secretary.wait_for_timeout(800)  # a key right after a step changed was meant for the step before
    secretary.locator("body").press(key)
