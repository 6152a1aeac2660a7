"""A secret personnel vote in real browsers: key ceremony, test ballot, issue, a tablet that dies, the count, the self-check."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.house import House, running, until

pytestmark = pytest.mark.story
MEETING = 1
TITLE = "Miễn nhiệm Phó Chủ tịch Hội đồng nhân dân tỉnh"
PICTURES = os.environ.get("PICTURES")  # a folder: the story leaves pictures of its screens there


@pytest.fixture
def house(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of its own: nobody has been in the demo's meeting before."""
    with running(playwright, tmp_path_factory.mktemp("secret")) as house:
        yield house


def test_secret_vote(house: House, tmp_path: Path) -> None:
    secretary = house.page("thuky", f"/m/{MEETING}/secretary", 1440, 900)
    vote = prepared(house, secretary)
    hanh, bao, chau = (house.page(name, f"/m/{MEETING}/delegate") for name in ("hanh", "bao", "chau"))
    board = house.page("hanh", f"/m/{MEETING}/counting", 1280, 800)
    wall = house.page("manhinh", f"/m/{MEETING}/wall", 1920, 1080)

    shares = ceremony(board)
    secretary.get_by_role("button", name="Phát phiếu", exact=True).click()
    secretary.get_by_role("button", name="Phát phiếu", exact=True).last.click()
    code = wall.get_by_text(re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$"))
    expect(code).to_be_visible()
    picture(wall, "secret-issue-wall")
    try_out(board, shares[:2])
    for tablet in (hanh, bao, chau):
        expect(tablet.get_by_role("button", name="Đã nhận phiếu kín")).to_be_visible()
    until(lambda: secret(secretary)["issued"] == 4, 20, "three tablets have their ballots, and the test ballot is void")
    picture(secretary, "secret-issue-secretary")

    house.command(secretary, "vote.open", meeting_id=MEETING, vote_id=vote)
    expect(bao.get_by_text(code.inner_text())).to_be_visible()
    choose(bao, "Tán thành", "secret-voter")
    choose(hanh, "Tán thành")
    spare = dies(house, chau)
    choose(spare, "Không tán thành")
    for tablet in (bao, hanh, spare):
        expect(tablet.get_by_text("ĐÃ BỎ PHIẾU", exact=True)).to_be_visible()
        expect(tablet.get_by_role("button", pressed=True)).to_have_count(0)  # the choice is not shown again
    picture(bao, "secret-cast-tablet", phone=True)
    expect(secretary.get_by_text("3 / 47 Phiếu đã vào hòm")).to_be_visible()
    picture(wall, "secret-open-wall")

    house.command(secretary, "vote.close", meeting_id=MEETING, vote_id=vote)
    count(board, [shares[2], shares[0]])
    house.command(secretary, "vote.publish", meeting_id=MEETING, vote_id=vote)
    for tablet in (bao, hanh, spare):
        expect(tablet.get_by_text("Phiếu của đại biểu có trong kết quả, đúng như đã bỏ.")).to_be_visible()
    picture(bao, "secret-found-tablet", phone=True)
    checked(bao, vote, tmp_path)
    assert house.errors == []


def prepared(house: House, secretary: Page) -> int:
    """The sitting is open, all have come, and the secretary has named the board on her screen."""
    snapshot = sync(secretary)
    item = snapshot["items"][0]["id"]
    house.command(secretary, "meeting.open", meeting_id=MEETING)
    for member in snapshot["members"]:
        if member["votes"]:
            house.command(secretary, "member.mark", meeting_id=MEETING, member_id=member["id"], present=True)
    house.command(secretary, "item.start", meeting_id=MEETING, item_id=item)
    order = {"item_id": item, "title": TITLE, "rule": "present.majority", "seconds": None, "method": "secret"}
    vote: int = house.command(secretary, "vote.create", meeting_id=MEETING, **order)["id"]
    secretary.get_by_role("button", name="Chọn ban kiểm phiếu").click()
    for n, name in enumerate(("Nguyễn Thị Hồng Hạnh", "Trần Quốc Bảo", "Lê Thị Minh Châu"), 1):
        secretary.get_by_label(f"Thành viên {n}").select_option(label=name)
    secretary.get_by_role("button", name="Lưu").click()
    expect(secretary.get_by_text("Chờ ban kiểm phiếu tạo khóa.")).to_be_visible()
    return vote


def ceremony(board: Page) -> list[str]:
    """What each member writes down."""
    board.get_by_role("button", name="Tạo khóa", exact=True).click()
    shares = []
    for n in (1, 2, 3):
        letters = board.locator(f"[data-share='{n}']")
        shares.append(letters.inner_text())
        if n == 1:
            picture(board, "secret-ceremony-tablet", phone=True)
        board.get_by_role("button", name="Đã giữ", exact=True).click()
    board.get_by_role("button", name="Ghi nhận khóa").click()
    expect(board.get_by_text("Ban kiểm phiếu đã có khóa.")).to_be_visible()
    return shares


def give(board: Page, shares: list[str]) -> None:
    for place, letters in zip(("thứ nhất", "thứ hai"), shares, strict=True):
        board.get_by_label(f"Phần khóa {place}").fill(letters.lower())
        board.get_by_role("button", name="Dùng thẻ này").click()


def try_out(board: Page, shares: list[str]) -> None:
    board.get_by_role("button", name="Bỏ phiếu thử").click()
    give(board, shares)
    board.get_by_role("button", name="Bỏ phiếu thử").click()
    expect(board.get_by_text("Phiếu thử đã được phát, đã vào hòm và mở được.")).to_be_visible()


def choose(tablet: Page, choice: str, name: str | None = None) -> None:
    tablet.get_by_role("button", name=choice, exact=True).click()
    if name:
        picture(tablet, f"{name}-tablet", phone=True)
    tablet.get_by_role("button", name="Bỏ phiếu vào hòm").click()


def dies(house: House, chau: Page) -> Page:
    """Her tablet dies in the middle; the letters of her spare card bring the same ballot to another one."""
    chau.get_by_role("button", name="Thẻ dự phòng").click()
    letters = chau.get_by_text(re.compile(r"^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$")).inner_text()
    chau.context.close()
    spare = house.page("chau", f"/m/{MEETING}/delegate")
    expect(spare.get_by_text("Phiếu của đại biểu đã phát cho một máy khác.")).to_be_visible()
    spare.get_by_label("Dãy chữ trên thẻ dự phòng").fill(letters)
    spare.get_by_role("button", name="Dùng thẻ này").click()
    return spare


def count(board: Page, shares: list[str]) -> None:
    expect(board.get_by_text("thu về 3 phiếu")).to_be_visible()
    give(board, shares)
    board.get_by_role("button", name="Mở và kiểm phiếu").click()
    expect(board.get_by_text("Phát ra 3, thu về 3: hợp lệ 3, không hợp lệ 0.")).to_be_visible()
    picture(board, "secret-count-tablet", phone=True)
    board.get_by_role("button", name="Nộp kết quả kiểm phiếu").click()
    expect(board.get_by_text("Đã nộp kết quả.")).to_be_visible()


def checked(tablet: Page, vote: int, folder: Path) -> None:
    """Anybody's own computer comes to the same result, and notices a changed ballot."""
    answer = tablet.context.request.get(f"/api/secret/{MEETING}/{vote}/board")
    file = folder / "board.json"
    file.write_bytes(answer.body())
    program = [sys.executable, "-m", "meetroom.voting.verify", str(file)]
    assert subprocess.run(program, capture_output=True).returncode == 0
    board = json.loads(file.read_text(encoding="utf-8"))
    assert board["results"][0]["counts"] == [2, 1, 0]
    board["ballots"][0]["answers"] = [["abstain"]]
    file.write_text(json.dumps(board), encoding="utf-8")
    assert subprocess.run(program, capture_output=True).returncode == 1


def sync(page: Page) -> dict[str, Any]:
    snapshot: dict[str, Any] = page.context.request.get(f"/api/sync/{MEETING}").json()["result"]["snapshot"]
    return snapshot


def secret(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = sync(page)["secrets"][0]
    return found


def picture(page: Page, name: str, *, phone: bool = False) -> None:
    """For docs/screens, when asked for."""
    if not PICTURES:
        return
    page.wait_for_timeout(700)
    page.screenshot(path=Path(PICTURES) / f"{name}.png")
    if phone:
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(500)
        page.screenshot(path=Path(PICTURES) / f"{name.replace('-tablet', '')}-phone.png")
        page.set_viewport_size(size)
