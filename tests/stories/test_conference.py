"""The conference in its own right, on real processes and in real browser pages: two points, chair, secretary, technician."""

import re

from playwright.sync_api import Page, expect

from tests.house import House, until
from tests.stories.test_sitting import sync

MEETING = 1
# Bytes of pictures that a page's call sends within a second.
SENT = """async () => {
  const sum = async () => { let sent = 0;
    for (const call of window.calls) if (call.connectionState === 'connected')
      (await call.getStats()).forEach(s => { if (s.type === 'outbound-rtp' && s.kind === 'video') sent += s.bytesSent; });
    return sent; };
  const before = await sum(); await new Promise(done => setTimeout(done, 1000)); return await sum() - before; }"""
# What a page sees when somebody presses the browser's own button to stop sharing.
STOPPED = """() => { for (const call of window.calls) for (const { track } of call.getSenders())
  if (track?.contentHint === 'detail') { track.stop(); track.dispatchEvent(new Event('ended')); } }"""
VIDEO = "document.querySelector('video')"


def test_a_conference(house: House) -> None:
    secretary = house.page("thuky", f"/m/{MEETING}/secretary", 1440, 900)
    house.command(secretary, "meeting.open", meeting_id=MEETING)
    chair = house.page("chutoa", f"/m/{MEETING}/chair")
    tanlap, anhoa = (house.page(name, f"/m/{MEETING}/point", 1366, 768) for name in ("tanlap", "anhoa"))
    tanlap.get_by_role("button", name="Vào phòng họp").click()

    locked(chair, anhoa)
    for point in (tanlap, anhoa):
        until(lambda page=point: page.evaluate("decoded()") > 5, 60, "a picture of the other point")
    microphones(chair, tanlap)
    roll_call(chair, tanlap, anhoa)
    spotlight(chair, tanlap)
    recorded(house, secretary, chair, tanlap)
    spotlight_off(chair)
    limited(house, tanlap)
    shared_screen(tanlap, anhoa)
    unwatched(chair, tanlap, anhoa)
    assert house.errors == []
    for page in (secretary, chair, tanlap, anhoa):
        page.context.close()


def locked(chair: Page, anhoa: Page) -> None:
    """While the room is locked a point that was not in waits, and it comes in by itself when it is not."""
    more = chair.get_by_role("button", name="Việc khác của phòng họp")
    more.click()
    chair.get_by_role("menuitem", name="Khóa phòng họp").click()
    expect(chair.get_by_text("Phòng họp đã khóa", exact=True)).to_be_visible()
    anhoa.get_by_role("button", name="Vào phòng họp").click()
    expect(anhoa.get_by_text("Chủ tọa đã khóa phòng họp.")).to_be_visible()
    more.click()
    chair.get_by_role("menuitem", name="Mở khóa phòng họp").click()
    expect(anhoa.get_by_text("Chủ tọa đã khóa phòng họp.")).to_be_hidden()


def microphones(chair: Page, tanlap: Page) -> None:
    """The chair closes all microphones and lets them be opened again; the point cannot overlook either."""
    chair.get_by_role("button", name="Tắt mic các điểm cầu").click()
    expect(tanlap.get_by_role("button", name="Chủ tọa tắt mic")).to_be_visible()
    chair.get_by_role("button", name="Mở lại mic các điểm cầu").click()
    tanlap.get_by_role("button", name="Mic đang tắt").click()
    expect(tanlap.get_by_role("button", name="Mic đang mở")).to_be_visible()


def spotlight(chair: Page, tanlap: Page) -> None:
    """A pinned point is on everybody's stage, and the chair sees which."""
    point(chair, "An Hòa")
    chair.get_by_role("button", name="Đưa lên màn chính").click()
    expect(tanlap.get_by_role("region", name="Màn chính").get_by_text("Điểm cầu xã An Hòa")).to_be_visible()
    expect(chair.locator(".points").get_by_role("button", name=re.compile("An Hòa.*Đang ở màn chính"))).to_be_visible()


def spotlight_off(chair: Page) -> None:
    chair.get_by_role("button", name="Việc khác của phòng họp").click()
    chair.get_by_role("menuitem", name="Trả màn chính theo người phát biểu").click()
    expect(chair.locator(".points").get_by_role("button", name=re.compile("An Hòa.*Đang ở màn chính"))).to_be_hidden()


def point(chair: Page, name: str) -> None:
    """The chair opens the sheet of a point."""
    chair.locator(".points").get_by_role("button", name=re.compile(name)).click()
    expect(chair.get_by_role("heading", name=re.compile(f"Điểm cầu .*{name}"))).to_be_visible()


def roll_call(chair: Page, tanlap: Page, anhoa: Page) -> None:
    """Points answer with their number of people; the chair sees who is missing, and marks one that called by phone."""
    chair.get_by_role("button", name="Điểm danh").click()
    sheet = chair.get_by_role("dialog").first
    sheet.get_by_text("Điểm cầu", exact=True).click()
    sheet.get_by_role("button", name="Bắt đầu điểm danh").click()
    asked = tanlap.get_by_role("dialog")
    expect(asked.get_by_text("Điểm danh điểm cầu xã Tân Lập")).to_be_visible()
    for _ in range(3):
        asked.get_by_role("button", name="Thêm một người").click()
    people = int(asked.get_by_label("Số người dự họp tại điểm cầu").input_value())
    asked.get_by_role("button", name="Có mặt").click()
    expect(sheet.get_by_text(f"1 / 12 điểm cầu có mặt, {people} người")).to_be_visible()
    expect(anhoa.get_by_role("dialog").get_by_role("button", name="Có mặt")).to_be_visible()
    sheet.get_by_role("button", name="Ghi có mặt cho Xã Kim Sơn").click()
    chair.get_by_role("dialog", name="Điểm danh điểm cầu Xã Kim Sơn").get_by_role("button", name="Ghi có mặt").click()
    expect(sheet.get_by_text(f"2 / 12 điểm cầu có mặt, {people + 1} người")).to_be_visible()
    sheet.get_by_role("button", name="Kết thúc điểm danh").click()
    expect(anhoa.get_by_role("dialog")).to_be_hidden()
    sheet.get_by_role("button", name="Thu nhỏ").click()


def recorded(house: House, secretary: Page, chair: Page, tanlap: Page) -> None:
    """Everybody is told of it, the wall too; when it has stopped, the browser plays it."""
    wall = house.page("manhinh", f"/m/{MEETING}/wall", 1920, 1080)
    secretary.get_by_role("button", name="Bắt đầu ghi hình").click()
    for page in (tanlap, chair, wall):
        expect(page.get_by_text("Đang ghi hình", exact=True)).to_be_visible()
    wall.context.close()
    before = tanlap.evaluate("decoded()")
    until(lambda: tanlap.evaluate("decoded()") > before + 60, 30, "there was something to record")
    secretary.get_by_role("button", name="Dừng ghi").click()
    expect(tanlap.get_by_text("Đang ghi hình", exact=True)).to_be_hidden()
    until(lambda: sync(secretary, MEETING)["recordings"][0]["state"] != "recording", 20, "the recording is completed")
    secretary.get_by_role("button", name="Bản ghi").click()
    secretary.get_by_role("link", name="Xem").click()
    until(lambda: secretary.evaluate(f"{VIDEO}?.videoWidth > 0"), 20, "the player shows the recording")
    secretary.evaluate(f"{VIDEO}.play()")
    until(lambda: secretary.evaluate(f"{VIDEO}.currentTime > 0.3"), 20, "it plays")


def limited(house: House, tanlap: Page) -> None:
    """The technician sees the point's figures and gives it sound alone: its pictures stop, and it is told why; and back."""
    technician = house.page("kythuat", f"/m/{MEETING}/technician", 1440, 900)
    row = technician.get_by_role("row", name=re.compile("Xã Tân Lập"))
    expect(row.get_by_text(re.compile(r"\d ms$")).first).to_be_visible()
    row.get_by_role("button").click()
    sheet = technician.get_by_role("dialog").first
    sheet.get_by_text("Chỉ có tiếng", exact=True).last.click()
    expect(tanlap.get_by_text("Đang chỉ có tiếng.")).to_be_visible()
    expect(tanlap.get_by_text("Kỹ thuật đang giới hạn hình").first).to_be_visible()
    expect(tanlap.locator("main video")).to_have_count(1)  # its own camera
    expect(sheet.get_by_text("kỹ thuật giới hạn").first).to_be_visible()
    sheet.get_by_text("Không giới hạn", exact=True).click()
    expect(tanlap.get_by_text("Đang chỉ có tiếng.")).to_be_hidden()
    technician.context.close()


def shared_screen(tanlap: Page, anhoa: Page) -> None:
    """A point's screen is on the other's stage until the point stops it, or the browser's own button does."""
    stage = anhoa.get_by_role("region", name="Màn chính")
    screen = stage.get_by_text("Màn hình của xã Tân Lập")
    for stop in (lambda: tanlap.get_by_role("button", name="Ngừng chia sẻ").click(), lambda: tanlap.evaluate(STOPPED)):
        tanlap.get_by_role("button", name="Chia sẻ màn hình").click()
        expect(screen).to_be_visible()
        stop()
        expect(screen).to_be_hidden()
        expect(tanlap.get_by_role("button", name="Chia sẻ màn hình")).to_be_visible()


def unwatched(chair: Page, tanlap: Page, anhoa: Page) -> None:
    """When nobody is left who could see it, a point sends no picture; when somebody comes back, it does at once."""
    until(lambda: tanlap.evaluate(SENT) > 1000, 20, "somebody is looking")
    chair.goto("/")
    anhoa.get_by_role("button", name="Rời phòng họp").click()
    until(lambda: tanlap.evaluate(SENT) == 0, 30, "nobody is looking, nothing is sent")
    anhoa.get_by_role("button", name="Vào phòng họp").click()
    until(lambda: tanlap.evaluate(SENT) > 1000, 20, "somebody is looking again")
