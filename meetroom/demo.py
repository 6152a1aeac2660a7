"""Demo data: the third session of an invented province's People's Council, ready to be opened.

People, places and papers are invented. Everything is made by the product's own commands.
"""

import io
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from meetroom import snapshot  # noqa: F401 - knows every noun, and so puts every command into the door
from meetroom.access import Actor
from meetroom.documents import sample
from meetroom.documents import service as documents
from meetroom.door import Door
from meetroom.meetings import service as meetings
from meetroom.people.service import hasher
from meetroom.people.tables import Person
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store

PASSWORD = "thanhgiang2026"
BODY = "Hội đồng nhân dân tỉnh Thanh Giang"
TITLE = "Kỳ họp thứ ba, HĐND tỉnh Thanh Giang khóa XIX"
PLACE = "Hội trường lớn, Trung tâm Hội nghị tỉnh"

COMMUNES = (
    "Xã Tân Lập", "Xã An Hòa", "Xã Phú Nhuận", "Xã Ngọc Sơn", "Phường Yên Thịnh", "Phường Vân Khánh",
    "Xã Trung Sơn", "Xã Bình Phú", "Xã Kim Sơn", "Xã Xuân Lộc", "Xã Đức Thọ", "Xã Hưng Đạo",
)  # fmt: skip
GROUPS = ("Tổ Vân Khánh", "Tổ Yên Thịnh", "Tổ Trung Sơn", "Tổ Bình Phú", "Tổ Kim Sơn")
DELEGATES = (
    "Nguyễn Thị Hồng Hạnh", "Trần Quốc Bảo", "Lê Thị Minh Châu", "Hoàng Đình Khôi", "Phạm Thu Nga", "Bùi Anh Tuấn",
    "Vũ Thị Hiền", "Đặng Văn Lâm", "Ngô Thị Bích Ngọc", "Đỗ Mạnh Cường", "Lý Thị Kim Oanh", "Phan Văn Đức",
    "Trịnh Thị Hoài An", "Hồ Sỹ Tùng", "Dương Thị Thanh Xuân", "Cao Xuân Phúc", "Tạ Thị Thu Hà", "Lương Minh Trí",
    "Mai Thị Phương Thảo", "Nguyễn Hữu Nghĩa", "Trần Thị Mỹ Duyên", "Lê Quang Vinh", "Hoàng Thị Ngân", "Phạm Đức Thắng",
    "Vũ Hồng Quân", "Đặng Thị Lan Anh", "Nguyễn Văn Sáng", "Bùi Thị Tuyết Mai", "Đinh Công Hậu", "Trần Thị Ánh Nguyệt",
    "Lê Văn Toàn", "Hoàng Thị Diễm", "Phạm Minh Đăng", "Ngô Văn Kiên", "Đỗ Thị Hương Giang", "Nguyễn Đình Long",
    "Võ Thị Cẩm Tú", "Trương Văn Bình", "Lê Thị Quỳnh Như", "Nguyễn Thành Nam", "Hà Thị Mộng Cầm", "Đoàn Văn Hải",
    "Chu Thị Yến", "Nguyễn Quốc Khánh", "Lâm Thị Ngọc Bích", "Hà Văn Thuyết",
)  # fmt: skip
AGENDA: tuple[tuple[str, str, int, tuple[tuple[str, str, int], ...]], ...] = (
    ("Khai mạc; báo cáo đại biểu có mặt", "speech", 15, ()),
    ("Tình hình kinh tế - xã hội năm 2026", "speech", 30, ()),
    ("Báo cáo thẩm tra của Ban Kinh tế - Ngân sách", "speech", 20, ()),
    (
        "Kế hoạch đầu tư công năm 2027",
        "speech",
        45,
        (
            ("Tờ trình của Ủy ban nhân dân tỉnh", "speech", 10),
            ("Báo cáo thẩm tra", "speech", 10),
            ("Thảo luận", "debate", 20),
            ("Biểu quyết thông qua Nghị quyết", "vote", 5),
        ),
    ),
    ("Giải lao", "break", 15, ()),
    ("Mức thu phí, lệ phí trên địa bàn tỉnh", "speech", 35, ()),
    ("Chất vấn Giám đốc Sở Nông nghiệp và Môi trường", "questioning", 30, ()),
    ("Thông qua nghị quyết kỳ họp; bế mạc", "speech", 20, ()),
)
PAPERS = (  # agenda place, kind of sample, title, number, pages
    ("2", "report", "Báo cáo tình hình kinh tế - xã hội năm 2026", "385/BC-UBND", 14),
    ("3", "verification", "Báo cáo thẩm tra về kinh tế - xã hội", "86/BC-HĐND", 5),
    ("4", "submission", "Tờ trình về Kế hoạch đầu tư công năm 2027", "412/TTr-UBND", 12),
    ("4", "resolution", "Dự thảo Nghị quyết về Kế hoạch đầu tư công năm 2027", "", 4),
    ("4", "verification", "Báo cáo thẩm tra Kế hoạch đầu tư công", "87/BC-HĐND", 6),
    ("4", "appendix", "Phụ lục danh mục dự án", "", 9),
    ("5", "submission", "Tờ trình về mức thu phí, lệ phí", "415/TTr-UBND", 7),
)
ACCOUNTS = (  # user name, person, role in the meeting, as printed at the start
    ("thuky", "Đỗ Thị Thùy Linh", "secretary", "Thư ký"),
    ("chutoa", "Nguyễn Văn Thái", "chair", "Chủ tọa"),
    ("hanh", "Nguyễn Thị Hồng Hạnh", "delegate", "Đại biểu"),
    ("bao", "Trần Quốc Bảo", "delegate", "Đại biểu"),
    ("chau", "Lê Thị Minh Châu", "delegate", "Đại biểu"),
    ("tanlap", "Hoàng Văn Bách", "operator", "Điểm cầu xã Tân Lập"),
    ("anhoa", "Lò Thị Mây", "operator", "Điểm cầu xã An Hòa"),
    ("kythuat", "Phùng Gia Huy", "technician", "Kỹ thuật"),
    ("manhinh", "Màn hình hội trường", "wall", "Màn hình chung"),
    ("quantri", "Lê Bá Thành", "admin", "Quản trị"),
)


def fill(store: Store, blobs: Blobs) -> list[str]:
    """Fill an empty database; a database with people is left as it is. Returns the lines about demo accounts to print,
    none when the accounts are not (or no longer) the demo's."""
    with store.read() as session:
        people = session.scalars(select(Person.username)).all()
    if not people:
        Demo(store, blobs).make()
    elif "quantri" not in people:
        return []
    lines = [f"  {username:<9} {label}" for username, _, _, label in ACCOUNTS]
    return [f"Demo accounts, all with the password {PASSWORD}:", *lines, ""]


class Demo:
    """The demo's making, step by step, as the people of the demo themselves."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self.store, self.blobs = store, blobs
        self.door = Door(store, roles=meetings.roles)
        self.now = datetime.now(UTC)
        self.people: dict[str, int] = {}

    def make(self) -> None:
        self._accounts()
        province = self._do("unit.create", name="Tỉnh Thanh Giang", level="province", valid_from="2025-07-01")["id"]
        council = self._unit("Văn phòng Đoàn ĐBQH và HĐND tỉnh", "body", province)
        communes = {name: self._unit(name, "commune", province) for name in COMMUNES}
        for _, name, role, _ in ACCOUNTS:
            unit = {"tanlap": communes["Xã Tân Lập"], "anhoa": communes["Xã An Hòa"]}.get(self._username(name), council)
            self._update(name, unit, role)
        for name in DELEGATES:
            if name not in self.people:
                self.people[name] = self._do("person.create", full_name=name, position="Đại biểu", unit_id=council)["id"]
        meeting = self._meeting()
        items = self._agenda(meeting)
        self._papers(meeting, items)
        self._members(meeting)
        self._votes(meeting, items)

    def _do(self, command: str, by: str = "Lê Bá Thành", **order: Any) -> Any:
        answer = self.door.perform(command, order, actor=Actor(self.people[by]), op_id=f"demo-{secrets.token_hex(8)}")
        return answer["result"]

    def _accounts(self) -> None:
        """Accounts first, straight into the table: without an administrator nobody may create anybody."""
        hashed = hasher().hash(PASSWORD)
        with self.store.write() as session:
            for username, name, role, _ in ACCOUNTS:
                house = role if role in ("admin", "secretary", "technician") else "none"
                person = Person(full_name=name, username=username, password_hash=hashed, house_role=house, active=True)
                session.add(person)
                session.flush()
                self.people[name] = person.id

    def _username(self, name: str) -> str:
        return next((username for username, full_name, _, _ in ACCOUNTS if full_name == name), "")

    def _unit(self, name: str, level: str, parent: int) -> int:
        unit: int = self._do("unit.create", name=name, level=level, parent_id=parent, valid_from="2025-07-01")["id"]
        return unit

    def _update(self, name: str, unit: int, role: str) -> None:
        positions = {
            "secretary": "Phó Chánh Văn phòng",
            "chair": "Chủ tịch Hội đồng nhân dân tỉnh",
            "delegate": "Đại biểu",
            "operator": "Công chức Văn phòng",
            "technician": "Chuyên viên",
            "admin": "Chuyên viên công nghệ thông tin",
        }
        house = role if role in ("admin", "secretary", "technician") else "none"
        order: dict[str, Any] = {"full_name": name, "position": positions.get(role, ""), "unit_id": unit}
        order |= {"person_id": self.people[name], "username": self._username(name), "house_role": house}
        self._do("person.update", **order)

    def _meeting(self) -> int:
        start = (self.now + timedelta(minutes=10)).replace(second=0, microsecond=0)
        order = {"title": TITLE, "kind": "council", "body": BODY, "place": PLACE, "starts_at": start.isoformat()}
        meeting: int = self._do("meeting.create", by="Đỗ Thị Thùy Linh", **order)["id"]
        return meeting

    def _run(self, command: str, meeting: int, **order: Any) -> Any:
        return self._do(command, by="Đỗ Thị Thùy Linh", meeting_id=meeting, **order)

    def _agenda(self, meeting: int) -> dict[str, int]:
        """Items by their number."""
        items = {}
        for title, kind, minutes, below in AGENDA:
            item = self._run("item.add", meeting, title=title, kind=kind, minutes=minutes)
            items[item["number"] or title] = item["id"]
            for sub_title, sub_kind, sub_minutes in below:
                order: dict[str, Any] = {"title": sub_title, "kind": sub_kind, "minutes": sub_minutes, "parent_id": item["id"]}
                sub = self._run("item.add", meeting, **order)
                items[sub["number"]] = sub["id"]
        return items

    def _papers(self, meeting: int, items: dict[str, int]) -> None:
        for number, kind, title, printed, pages in PAPERS:
            data = sample.sample(kind, title=title, number=printed, pages=pages)
            sha256, size = self.blobs.put(io.BytesIO(data), len(data))
            with self.store.write() as session:
                person = self.people["Đỗ Thị Thùy Linh"]
                documents.remember_upload(session, person, f"{title}.pdf", sha256, size, self.now)
            self._run("paper.add", meeting, item_id=items[number], title=title, number=printed, file=sha256)

    def _members(self, meeting: int) -> None:
        points = [self._run("point.add", meeting, name=name)["id"] for name in COMMUNES]
        for username, name, role, _ in ACCOUNTS:
            if role in ("secretary", "admin", "delegate"):
                continue
            point = {"tanlap": points[0], "anhoa": points[1]}.get(username)
            seat = "Bàn chủ tọa" if role == "chair" else ""
            order: dict[str, Any] = {"role": role, "votes": role == "chair", "point_id": point, "seat": seat}
            self._run("member.invite", meeting, person_id=self.people[name], **order)
        for n, name in enumerate(DELEGATES):
            seat = f"{'ABCDE'[n // 10]} {n % 10 + 1:02d}"
            order = {"role": "delegate", "votes": True, "seat": seat, "group": GROUPS[n % len(GROUPS)]}
            self._run("member.invite", meeting, person_id=self.people[name], **order)

    def _votes(self, meeting: int, items: dict[str, int]) -> None:
        title = "Thông qua Nghị quyết về Kế hoạch đầu tư công năm 2027"
        self._run("vote.create", meeting, item_id=items["4.4"], title=title, rule="council.majority", seconds=60)
