"""Every screen in the middle of a sitting: `make screens` photographs them, a story looks for what axe finds in them."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.house import House, running, until

OUT = Path("docs/screens")
SIZES = {"tablet": (1280, 800), "phone": (390, 844), "wall": (1920, 1080)}
MEETING = 1


@dataclass(frozen=True)
class Screen:
    """`user` null: nobody is signed in. `ready`: a text that is there when the screen has what it shows."""

    name: str
    user: str | None
    path: str
    ready: str


PREPARING = (
    Screen("login", None, "/login", "Đăng nhập"),
    Screen("seat", None, "/seat", "Nhận máy tại ghế"),
    Screen("home", "thuky", "/", "Cuộc họp của tôi"),
    Screen("admin", "quantri", "/admin", "Quản trị"),
    Screen("point-check", "tanlap", f"/m/{MEETING}/point", "Kết luận"),
)
DEBATE = (
    Screen("secretary", "thuky", f"/m/{MEETING}/secretary", "Chương trình"),
    Screen("chair", "chutoa", f"/m/{MEETING}/chair", "Đăng ký phát biểu"),
    Screen("delegate", "chau", f"/m/{MEETING}/delegate", "Trang"),
    Screen("point", "anhoa", f"/m/{MEETING}/point", "Kết luận"),
    Screen("seats", "thuky", f"/m/{MEETING}/secretary", "Chương trình"),
    Screen("desk", "thuky", f"/m/{MEETING}/secretary", "Chương trình"),
    Screen("technician", "kythuat", f"/m/{MEETING}/technician", "Gửi lên"),
    Screen("wall", "manhinh", f"/m/{MEETING}/wall", "Đang phát biểu"),
)
# The reader in its ways of reading; in pictures only, for the parts are on the screens above.
READING = (
    Screen("reader-ivory-two", "chau", f"/m/{MEETING}/delegate", "Trang"),
    Screen("reader-dark", "chau", f"/m/{MEETING}/delegate", "Trang"),
    Screen("reader-large", "chau", f"/m/{MEETING}/delegate", "Trang"),
    Screen("reader-search", "chau", f"/m/{MEETING}/delegate", "Trang"),
    Screen("reader-pages", "chau", f"/m/{MEETING}/delegate", "Trang"),
)
VOTING = (
    Screen("delegate-vote", "chau", f"/m/{MEETING}/delegate", "Tán thành"),
    Screen("chair-vote", "chutoa", f"/m/{MEETING}/chair", "Đang biểu quyết"),
    Screen("wall-vote", "manhinh", f"/m/{MEETING}/wall", "Đang biểu quyết"),
)
RESULT = (
    Screen("secretary-result", "thuky", f"/m/{MEETING}/secretary", "Chương trình"),
    Screen("wall-result", "manhinh", f"/m/{MEETING}/wall", "ĐƯỢC THÔNG QUA"),
    Screen("recordings", "thuky", f"/m/{MEETING}/secretary", "Bản ghi"),
    Screen("player", "thuky", f"/m/{MEETING}/recording/1", "Các phần"),
)
CONFIDENCE = (
    Screen("delegate-confidence", "chau", f"/m/{MEETING}/delegate", "Đã chọn"),
    Screen("delegate-recorded", "bao", f"/m/{MEETING}/delegate", "ĐÃ GHI NHẬN"),
    Screen("secretary-turnout", "thuky", f"/m/{MEETING}/secretary", "Chưa biểu quyết:"),
    Screen("chair-turnout", "chutoa", f"/m/{MEETING}/chair", "Chưa biểu quyết:"),
    Screen("vote-editor", "thuky", f"/m/{MEETING}/secretary", "Chương trình"),
    Screen("rules", "quantri", "/admin/rules", "Quá nửa"),
    Screen("rule-editor", "quantri", "/admin/rules", "Quá nửa"),
)
SHEET = (
    Screen("delegate-confidence-result", "chau", f"/m/{MEETING}/delegate", "Có thể xin từ chức"),
    Screen("wall-confidence", "manhinh", f"/m/{MEETING}/wall", "Tín nhiệm thấp"),
    Screen("result-sheet", "thuky", f"/m/{MEETING}/sheet/2", "KẾT QUẢ BIỂU QUYẾT"),
)
SLIP = (Screen("delegate-slip", "chau", f"/m/{MEETING}/delegate", "Phiếu lấy ý kiến"),)
PICTURED = (
    "vote-editor",
    "rule-editor",
    "chair-turnout",
    "wall-confidence",
)  # for the pictures only, made of parts seen elsewhere
DARK = ("delegate-confidence", "delegate-vote", "delegate-slip", "delegate-confidence-result")  # also photographed at night


PRESSED = {
    "point": ("Vào phòng họp",), "recordings": ("Bản ghi",), "seats": ("Thành phần", "Sơ đồ ghế"), "desk": ("Tin nhắn",),
    "reader-ivory-two": ("Trang sau", "Cách xem", "Hai trang", "Ngà", "Thu nhỏ"),
    "reader-dark": ("Trang sau", "Cách xem", "Tối", "Thu nhỏ"),
    "reader-large": ("Trang sau", "Cách xem", "Chữ lớn", "Thu nhỏ"),
    "reader-search": ("Trang sau", "Tìm"), "reader-pages": ("Trang sau", "Các trang và đề mục"),
    "vote-editor": ("Thêm biểu quyết",), "rule-editor": ("Thêm quy tắc",),
}  # fmt: skip
TYPED = {"reader-search": "dau tu cong"}


def visit(
    house: House, sizes: dict[str, tuple[int, int]], more: tuple[Screen, ...] = (), settle_ms: int = 2500
) -> Iterator[tuple[str, str, Page]]:
    """Each screen at each size, in the state it is made for: (screen, size, page). `more`: further ones, in the debate; with
    them come those of PICTURED, and those of DARK at night. `settle_ms`: how long a screen has until all is drawn."""
    sitting = Sitting(house)
    scenes = (
        (None, PREPARING), (sitting.debate, DEBATE + more), (sitting.voting, VOTING), (sitting.result, RESULT),
        (sitting.confidence, CONFIDENCE), (sitting.confidence_result, SHEET), (sitting.slip, SLIP),
    )  # fmt: skip
    for scene, screens in scenes:
        if scene is not None:
            scene()
        for screen in screens:
            if screen.name in PICTURED and not more:
                continue
            page = house.page(screen.user, screen.path, 1366, 768)
            page.get_by_text(screen.ready).first.wait_for()
            for name in PRESSED.get(screen.name, ()):
                page.get_by_role("button", name=name).or_(page.get_by_text(name, exact=True)).first.click()
            if typed := TYPED.get(screen.name):
                page.keyboard.type(typed)
            page.wait_for_timeout(settle_ms)
            for size, (width, height) in sizes.items():
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(settle_ms / 4)
                yield screen.name, size, page
                if screen.name in DARK and more:
                    page.emulate_media(color_scheme="dark")
                    page.wait_for_timeout(300)
                    yield f"{screen.name}-dark", size, page
                    page.emulate_media(color_scheme="light")
            page.context.close()


class Sitting:
    """The demo's meeting, brought to the scenes by commands of its people."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.secretary, self.chair = house.page("thuky", "/"), house.page("chutoa", "/")
        until(lambda: all(paper["state"] == "ready" for paper in self.snapshot()["papers"]), 120, "the papers are prepared")

    def snapshot(self) -> dict:  # type: ignore[type-arg]
        snapshot: dict = self.secretary.context.request.get(f"/api/sync/{MEETING}").json()["result"]["snapshot"]  # type: ignore[type-arg]
        return snapshot

    def do(self, page: Page, name: str, **order: object) -> dict:  # type: ignore[type-arg]
        answer: dict = self.house.command(page, name, meeting_id=MEETING, **order)  # type: ignore[type-arg]
        return answer

    def debate(self) -> None:
        before = self.snapshot()
        items = {item["number"]: item["id"] for item in before["items"]}
        self.do(self.secretary, "meeting.open")
        for member in before["members"]:
            if member["votes"] and member["full_name"] not in ("Lý Thị Kim Oanh", "Tạ Thị Thu Hà"):
                self.do(self.secretary, "member.mark", member_id=member["id"], present=True)
        for number in ("1", "2", "3", "4.1", "4.2", "4.3"):
            self.do(self.secretary, "item.start", item_id=items[number])
        for user in ("hanh", "bao", "chau", "tanlap"):
            person = self.house.page(user, "/")
            self.do(person, "floor.request")
            person.context.close()
        point, deputy = self.house.page("anhoa", "/"), self.house.page("chau", "/")
        self.do(point, "message.call", service="technician", text="Không nghe thấy tiếng")
        self.do(deputy, "message.send", text="Xin thêm một bản in của phụ lục")
        self.do(deputy, "message.opine", item_id=items["4.3"], text="Đề nghị làm rõ nguồn vốn của ba dự án chuyển tiếp.")
        point.context.close()
        deputy.context.close()
        first = next(request for request in self.snapshot()["requests"] if request["state"] == "waiting")
        self.do(self.chair, "floor.grant", request_id=first["id"], seconds=300)
        self.guest = self.house.page("tanlap", f"/m/{MEETING}/point", 1366, 768)
        self.guest.get_by_role("button", name="Vào phòng họp").click()
        point = next(point["id"] for point in before["points"] if point["name"] == "Xã Tân Lập")
        self.do(self.chair, "stage.pin", point_id=point)
        self.do(self.secretary, "recording.start")

    def voting(self) -> None:
        self.do(self.chair, "floor.end")
        self.do(self.secretary, "recording.stop")
        items = {item["number"]: item["id"] for item in self.snapshot()["items"]}
        self.do(self.secretary, "item.start", item_id=items["4.4"])
        self.vote = next(vote["id"] for vote in self.snapshot()["votes"])
        self.do(self.secretary, "vote.update", vote_id=self.vote, title=TITLE, rule="council.majority", seconds=600)
        self.do(self.secretary, "vote.open", vote_id=self.vote)
        voters = [m for m in self.snapshot()["members"] if m["present"] and m["votes"] and m["full_name"] != "Lê Thị Minh Châu"]
        self.voters = iter(voters)
        self._ballots(30, "for")

    def _ballots(self, count: int, choice: str) -> None:
        """Delegates vote on tablets that were paired to their seats."""
        for _ in range(count):
            member = next(self.voters)
            code = self.do(self.secretary, "seat.code", member_id=member["id"])["code"]
            context = self.house.browser.new_context(ignore_https_errors=True, base_url=self.house.url)
            assert context.request.post("/api/pair/confirm", data={"code": code}).ok
            order = {"meeting_id": MEETING, "vote_id": self.vote, "answers": [[choice]]}
            assert context.request.post("/api/commands/vote.cast", data={"op_id": f"ballot-{member['id']}", "order": order}).ok
            context.close()

    def result(self) -> None:
        self._ballots(8, "for")
        self._ballots(2, "against")
        self._ballots(1, "abstain")
        self.do(self.secretary, "vote.close", vote_id=self.vote)
        self.do(self.secretary, "vote.publish", vote_id=self.vote)
        until(lambda: self.snapshot()["recordings"][0]["state"] == "ready", 30, "the recording is ready")

    def confidence(self) -> None:
        """Twelve persons in three levels on one ballot; most have voted."""
        voters = [m for m in self.snapshot()["members"] if m["present"] and m["votes"]]
        questions = [{"title": m["full_name"], "kind": "confidence", "member_id": m["id"]} for m in voters[20:32]]
        item = next(item["id"] for item in self.snapshot()["items"] if item["state"] == "current")
        order = {"item_id": item, "title": CONFIDENCE_TITLE, "rule": "council.confidence", "seconds": 900, "questions": questions}
        self.vote = self.do(self.secretary, "vote.create", **order)["id"]
        self.do(self.secretary, "vote.open", vote_id=self.vote)
        ballots = {}
        for n, voter in enumerate(v for v in voters[:40] if v["full_name"] != "Lê Thị Minh Châu"):
            levels = [
                ["low" if q in (3, 8) and (n + q) % 5 < 3 else ("high", "confidence", "high")[(n + q) % 3]] for q in range(12)
            ]
            ballots[voter["full_name"]] = {"member_id": voter["id"], "answers": levels}
        bao = self.house.page("bao", "/")
        self.do(bao, "vote.cast", vote_id=self.vote, answers=ballots.pop("Trần Quốc Bảo")["answers"])
        bao.context.close()
        self.do(self.secretary, "vote.add_paper", vote_id=self.vote, ballots=list(ballots.values()), witnesses=WITNESSES)

    def confidence_result(self) -> None:
        self.do(self.secretary, "vote.close", vote_id=self.vote)
        self.do(self.secretary, "vote.publish", vote_id=self.vote)

    def slip(self) -> None:
        item = next(item["id"] for item in self.snapshot()["items"] if item["state"] == "current")
        deadline = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        order = {"item_id": item, "title": "Chủ trương đầu tư đường liên xã Tân Lập - An Hòa", "rule": "committee.slip"}
        slip = self.do(self.secretary, "vote.create", method="slip", deadline=deadline, **order)["id"]
        self.do(self.secretary, "vote.open", vote_id=slip)


WITNESSES = ["Đỗ Thị Thùy Linh", "Nguyễn Văn Thái"]
CONFIDENCE_TITLE = "Lấy phiếu tín nhiệm đối với 12 người giữ chức vụ do Hội đồng nhân dân tỉnh bầu"
TITLE = "Thông qua Nghị quyết về Kế hoạch đầu tư công năm 2027"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, running(playwright, Path(folder)) as house:
        for screen, size, page in visit(house, SIZES, READING):
            page.screenshot(path=OUT / f"{screen}-{size}.png")
            print(f"{screen}-{size}.png")


def axe(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it is: rule, and the first element."""
    source = Path("web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page.evaluate(re.sub(r"\n//# sourceMappingURL.*", "", source))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")]


if __name__ == "__main__":
    main()
