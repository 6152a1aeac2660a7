"""The tables and annexes of the sample papers."""

from collections.abc import Iterator
from itertools import islice

from meetroom.documents.sample.markup import Annex, caption, centred, growth, number, table
from meetroom.documents.sample.money import FEES, FIELDS, INDICATORS, SOURCES, Project, communes, projects

PUBLIC_SERVICES = 9  # among INDICATORS
COMMUNES_A_PAGE = 33  # half of them
PROJECTS_A_PAGE = 15
SUMS = ("Tổng mức đầu tư", "Lũy kế vốn đã bố trí", "Kế hoạch 2027")
TARGETS = (  # of 2027: name, unit, 2026, 2027
    ("Tốc độ tăng tổng sản phẩm trên địa bàn (GRDP)", "%", "8,12", "8,50 trở lên"),
    ("GRDP bình quân đầu người", "triệu đồng", "84,6", "93,0"),
    ("Tổng thu ngân sách nhà nước trên địa bàn", "tỷ đồng", "18.460", "19.900"),
    ("Tổng vốn đầu tư toàn xã hội", "tỷ đồng", "46.900", "52.500"),
    ("Kim ngạch xuất khẩu", "tỷ USD", "2,16", "2,40"),
    ("Tỷ lệ đô thị hóa", "%", "34,9", "36,0"),
    ("Tỷ lệ hộ nghèo đa chiều", "%", "1,86", "dưới 1,40"),
    ("Tỷ lệ lao động qua đào tạo", "%", "73,1", "74,5"),
    ("Tỷ lệ bao phủ bảo hiểm y tế", "%", "95,2", "96,0"),
    ("Tỷ lệ trường học đạt chuẩn quốc gia", "%", "78,9", "80,5"),
    ("Số xã đạt chuẩn nông thôn mới", "xã", "41", "45"),
    ("Tỷ lệ che phủ rừng", "%", "46,8", "46,8"),
    ("Tỷ lệ hồ sơ trực tuyến toàn trình", "%", "87,6", "92,0"),
)


def targets() -> str:
    rows = [(str(n), *target) for n, target in enumerate(TARGETS, 1)]
    heads = ("STT", "Chỉ tiêu", "Đơn vị", "Ước 2026", "Kế hoạch 2027")
    return caption("Biểu 1. Một số chỉ tiêu chủ yếu năm 2027") + table(heads, (8, 46, 14, 14, 18), "clcrr", rows)


def sources() -> str:
    total = sum(sum_ for _, sum_ in SOURCES)
    rows = [(str(n), name, number(sum_), number(100 * sum_ / total, 1)) for n, (name, sum_) in enumerate(SOURCES, 1)]
    rows.append(("*", "Tổng cộng", number(total), "100,0"))
    heads = ("STT", "Nguồn vốn", "Kế hoạch năm 2027", "Tỷ trọng (%)")
    return caption("Biểu 1. Nguồn vốn đầu tư công năm 2027", "tỷ đồng") + table(heads, (8, 52, 22, 18), "clrr", rows)


def allocation(numbered: str = "Biểu 2. ") -> str:
    rows = [(str(n), f.name, number(f.before), number(f.after), growth(f.before, f.after)) for n, f in enumerate(FIELDS, 1)]
    before, after = sum(f.before for f in FIELDS), sum(f.after for f in FIELDS)
    rows.append(("*", "Tổng cộng", number(before), number(after), growth(before, after)))
    heads = ("STT", "Ngành, lĩnh vực", "Năm 2026", "Năm 2027", "Tăng (%)")
    title = f"{numbered}Phân bổ vốn đầu tư công năm 2027 theo ngành, lĩnh vực"
    return caption(title, "tỷ đồng") + table(heads, (9, 46, 15, 15, 15), "clrrr", rows)


def fees(first: int, last: int, title: str) -> str:
    """The fees from `first` to `last`, numbered from 1."""
    rows = [
        (str(n), name, unit, number(now), number(new) if new else "Miễn")
        for n, (name, unit, now, new) in islice(enumerate(FEES, 1), first - 1, last)
    ]
    heads = ("STT", "Tên phí, lệ phí", "Đơn vị tính", "Mức hiện hành", "Mức đề nghị")
    return caption(title, "đồng") + table(heads, (8, 48, 14, 15, 15), "clcrr", rows, "small")


def fee_annexes(pages: int) -> Iterator[Annex]:
    named = "(Kèm theo Tờ trình của Ủy ban nhân dân tỉnh)"
    yield Annex(centred("Phụ lục 1", "bold") + centred(named, "italic") + fees(1, 13, "Danh mục và mức thu phí, lệ phí"))
    yield Annex(fees(14, len(FEES), "Danh mục và mức thu phí, lệ phí (tiếp theo)"))
    yield from statistics(pages, subject=PUBLIC_SERVICES, number=2)


def statistics(pages: int, subject: int = 0, number: int = 1) -> Iterator[Annex]:
    """Figures of all communes, two pages for each subject; when these run out, those of the year before."""
    for at in range(pages):
        year, index = 2026 - (subject + at) // len(INDICATORS), (subject + at) % len(INDICATORS)
        title, unit, columns = INDICATORS[index]
        rows = [(str(n), name, *_figures(index, values)) for n, (name, values) in enumerate(communes(index, year), 1)]
        heads = ("STT", "Xã, phường", *(name for name, _, _ in columns))
        for half in (0, 1):
            head = caption(f"Phụ lục {number + at}. {title} năm {year}{' (tiếp theo)' * half}", unit)
            shown = rows[half * COMMUNES_A_PAGE : (half + 1) * COMMUNES_A_PAGE]
            yield Annex(head + table(heads, (8, 28, 16, 16, 16, 16), "clrrrr", shown, "tight"))


def _figures(index: int, values: tuple[float, ...]) -> Iterator[str]:
    _, unit, columns = INDICATORS[index]
    for (name, _, _), value in zip(columns, values, strict=True):
        yield number(value, 1 if "(%)" in name or unit in ("tỷ đồng", "ha") else 0)


def project_annexes(pages: int, named: str, seed: str) -> Iterator[Annex]:
    """A list of projects that fills so many pages."""
    chosen = projects(pages * PROJECTS_A_PAGE - len(FIELDS) - 1, seed)
    rows = [("*", "TỔNG CỘNG", "", "", *_sums(chosen))]
    for roman, field in zip(("I", "II", "III", "IV", "V", "VI", "VII"), FIELDS, strict=True):
        inside = [project for project in chosen if project.field == field.name]
        rows.append((f"*{roman}", field.name, "", "", *_sums(inside)))
        rows += [(str(n), p.name, p.owner, p.years, *_sums([p])) for n, p in enumerate(inside, 1)]
    every = round(sum(p.plan for p in chosen)) == sum(f.after for f in FIELDS)
    title = f"DANH MỤC {'' if every else 'MỘT SỐ '}DỰ ÁN VÀ VỐN ĐẦU TƯ CÔNG NĂM 2027"
    heads = ("STT", "Danh mục dự án", "Chủ đầu tư", "Thời gian thực hiện", *SUMS)
    for page in range(pages):
        shown = rows[page * PROJECTS_A_PAGE : (page + 1) * PROJECTS_A_PAGE]
        first = centred("Phụ lục", "bold") + centred(title, "bold")
        head = first + centred(named, "italic") if page == 0 else ""
        unit = "<p class='unit'>Đơn vị: tỷ đồng</p>"
        yield Annex(head + unit + table(heads, (6, 35, 18, 11, 10, 10, 10), "cllcrrr", shown, "small wide"), landscape=True)


def _sums(chosen: list[Project]) -> tuple[str, ...]:
    return tuple(number(sum(column), 1) for column in zip(*((p.total, p.spent, p.plan) for p in chosen), strict=True))
