"""The invented province's public investment and its fees, from which the sample papers' tables are made."""

import random
from collections import Counter
from typing import NamedTuple

from meetroom.documents.sample.sectors import COMMUNES, RURAL


class Field(NamedTuple):
    """A field of public investment: thousand million đồng in 2026 and 2027, and what is said about it."""

    name: str
    before: int
    after: int
    purpose: str
    remark: str


FIELDS = (
    Field(
        "Giao thông",
        2740,
        2915,
        "Tập trung hoàn thành 9 dự án chuyển tiếp, trong đó có đường nối trung tâm xã Tân Lập với đường cao tốc, cầu Kim Sơn "
        "và tuyến đường ven sông Giang giai đoạn 2; khởi công mới 4 dự án liên xã đã có mặt bằng. Ưu tiên nối thông các xã sau "
        "sắp xếp có trụ sở cách xa nhau trên 15 km, bảo đảm người dân đến Trung tâm Phục vụ hành chính công không quá 45 "
        "phút.",
        "Ban thống nhất tỷ trọng vốn dành cho giao thông, song đề nghị cân nhắc việc khởi công tuyến Đông Sơn - Minh Tân khi "
        "tỷ lệ mặt bằng sạch mới đạt 58%, thấp hơn điều kiện do chính Ủy ban nhân dân tỉnh đề ra.",
    ),
    Field(
        "Nông nghiệp, thủy lợi",
        985,
        1120,
        "Sửa chữa, nâng cấp 14 hồ chứa nước có nguy cơ mất an toàn; kiên cố hóa 86 km kênh mương nội đồng; xử lý cấp bách 5 "
        "điểm sạt lở bờ sông tại các xã Lam Giang, Tam Giang và phường Giang Biên. Các công trình phải hoàn thành hạng mục "
        "vượt lũ trước ngày 31 tháng 7.",
        "Ban đề nghị bổ sung hồ Khe Sậy, xã Thượng Ninh vào danh mục sửa chữa năm 2027, vì công trình đã được kết luận mất an "
        "toàn từ tháng 9 năm 2026 nhưng chưa có trong dự thảo.",
    ),
    Field(
        "Giáo dục và đào tạo",
        790,
        864,
        "Xây dựng thay thế 214 phòng học tạm, phòng học nhờ; đầu tư nhà bán trú cho 11 trường ở xã miền núi; mua sắm thiết bị "
        "tối thiểu phục vụ chương trình giáo dục phổ thông. Không đầu tư mở rộng tại các điểm trường dự kiến dồn ghép trong "
        "giai đoạn 2026 - 2030.",
        "Ban tán thành không đầu tư tại các điểm trường sẽ dồn ghép, đồng thời đề nghị công bố danh sách các điểm trường này "
        "để cử tri biết.",
    ),
    Field(
        "Y tế, dân số",
        497,
        538,
        "Nâng cấp Bệnh viện đa khoa khu vực Vân Khánh; sửa chữa 22 trạm y tế xã, phường; đầu tư hệ thống lưu trữ, truyền tải "
        "hình ảnh y tế dùng chung. Vốn được bố trí theo tiến độ đấu thầu thiết bị, tránh tình trạng có nhà mà chưa có máy.",
        "Ban đề nghị gắn đầu tư trạm y tế với kế hoạch nhân lực; 8 trong số 22 trạm được sửa chữa hiện chưa có bác sĩ cơ hữu.",
    ),
    Field(
        "Khoa học, chuyển đổi số",
        268,
        402,
        "Hoàn thành trung tâm dữ liệu tỉnh và hạ tầng kết nối đến 66 xã, phường; nâng cấp phòng họp trực tuyến tại 87 điểm "
        "cầu; xây dựng nền tảng tích hợp, chia sẻ dữ liệu dùng chung theo Nghị quyết số 57-NQ/TW. Mức tăng 50,0% chủ yếu để "
        "thanh toán khối lượng hoàn thành của trung tâm dữ liệu tỉnh.",
        "Đây là lĩnh vực có mức tăng cao nhất. Ban đề nghị Ủy ban nhân dân tỉnh cam kết mốc quý III năm 2027 đưa trung tâm dữ "
        "liệu tỉnh vào vận hành và báo cáo chi phí vận hành 5 năm đầu.",
    ),
    Field(
        "Văn hóa, thể thao",
        295,
        311,
        "Tu bổ 7 di tích xuống cấp nghiêm trọng; hoàn thiện Trung tâm Văn hóa tỉnh; cải tạo nhà văn hóa dôi dư sau sắp xếp "
        "thành thiết chế phục vụ cộng đồng, không xây mới trụ sở.",
        "Ban thống nhất phương án không xây mới trụ sở, đề nghị làm rõ nguồn vốn đối ứng của ngân sách cấp xã.",
    ),
    Field(
        "Lĩnh vực khác",
        645,
        690,
        "Bố trí cho công tác quy hoạch, chuẩn bị đầu tư, quốc phòng, an ninh, bảo vệ môi trường và vốn điều lệ cho Quỹ phát "
        "triển đất. Mức vốn từng nhiệm vụ được nêu tại Phụ lục kèm theo.",
        "Ban đề nghị tách riêng kinh phí chuẩn bị đầu tư để thuận tiện giám sát.",
    ),
)  # fmt: skip
SOURCES = (  # of the plan for 2027, in thousand million đồng; together what FIELDS spend
    ("Vốn ngân sách trung ương hỗ trợ có mục tiêu", 1685),
    ("Vốn đầu tư trong cân đối ngân sách địa phương", 2240),
    ("Nguồn thu tiền sử dụng đất", 2310),
    ("Nguồn thu xổ số kiến thiết", 185),
    ("Vốn vay lại và bội chi ngân sách địa phương", 420),
)

FEES = (  # what for, unit, in force, proposed (đồng)
    ("Phí thẩm định hồ sơ cấp Giấy chứng nhận quyền sử dụng đất, hộ gia đình, cá nhân tại phường", "hồ sơ", 150_000, 120_000),
    ("Phí thẩm định hồ sơ cấp Giấy chứng nhận quyền sử dụng đất, hộ gia đình, cá nhân tại xã", "hồ sơ", 100_000, 60_000),
    ("Phí thẩm định hồ sơ cấp Giấy chứng nhận quyền sử dụng đất, tổ chức", "hồ sơ", 1_500_000, 1_500_000),
    ("Phí khai thác và sử dụng tài liệu đất đai, nhận trực tiếp", "hồ sơ", 200_000, 200_000),
    ("Phí khai thác và sử dụng tài liệu đất đai, nhận trực tuyến", "hồ sơ", 200_000, 100_000),
    ("Phí đăng ký giao dịch bảo đảm bằng quyền sử dụng đất", "hồ sơ", 80_000, 60_000),
    ("Phí thẩm định báo cáo đánh giá tác động môi trường, dự án đến 50 tỷ đồng", "báo cáo", 8_400_000, 9_200_000),
    ("Phí thẩm định báo cáo đánh giá tác động môi trường, dự án trên 50 đến 200 tỷ đồng", "báo cáo", 15_000_000, 16_500_000),
    ("Phí thẩm định đề án, báo cáo thăm dò nước dưới đất, dưới 200 m³/ngày đêm", "đề án", 400_000, 400_000),
    ("Phí tham quan Khu di tích quốc gia Thành cổ Lam Giang, người lớn", "lượt", 30_000, 40_000),
    ("Phí tham quan Khu di tích quốc gia Thành cổ Lam Giang, trẻ em từ 6 đến dưới 16 tuổi", "lượt", 15_000, 15_000),
    ("Phí tham quan Bảo tàng tỉnh", "lượt", 20_000, 20_000),
    ("Phí thư viện, thẻ đọc tài liệu", "năm", 40_000, 0),
    ("Phí sử dụng tạm thời lòng đường, hè phố tại phường trung tâm", "m²/tháng", 35_000, 45_000),
    ("Phí sử dụng tạm thời lòng đường, hè phố tại phường khác", "m²/tháng", 25_000, 30_000),
    ("Lệ phí đăng ký cư trú, nộp trực tiếp", "lần", 15_000, 15_000),
    ("Lệ phí đăng ký cư trú, nộp trực tuyến", "lần", 7_000, 0),
    ("Lệ phí hộ tịch, các việc ngoài diện miễn", "việc", 25_000, 20_000),
    ("Lệ phí cấp giấy phép lao động cho người nước ngoài, cấp mới", "giấy phép", 600_000, 600_000),
    ("Lệ phí cấp giấy phép lao động cho người nước ngoài, gia hạn", "giấy phép", 450_000, 450_000),
    ("Lệ phí cấp giấy phép xây dựng nhà ở riêng lẻ, nộp trực tiếp", "giấy phép", 75_000, 75_000),
    ("Lệ phí cấp giấy phép xây dựng nhà ở riêng lẻ, nộp trực tuyến", "giấy phép", 75_000, 0),
    ("Lệ phí cấp giấy phép xây dựng công trình khác", "giấy phép", 150_000, 150_000),
    ("Lệ phí đăng ký kinh doanh, hộ kinh doanh, nộp trực tiếp", "lần", 100_000, 100_000),
    ("Lệ phí đăng ký kinh doanh, hộ kinh doanh, nộp trực tuyến", "lần", 100_000, 0),
)

INDICATORS = (  # of every commune: title, unit, and the columns with the least and the most they hold
    ("Dân số, hộ và lao động", "người, hộ",
     (("Dân số", 4200, 31800), ("Số hộ", 1100, 8600), ("Lao động", 2400, 17900), ("Qua đào tạo", 900, 9400))),
    ("Thu ngân sách nhà nước trên địa bàn", "tỷ đồng",
     (("Dự toán", 12, 310), ("Ước thực hiện", 13, 335), ("Thuế, phí", 7, 190), ("Thu từ đất", 3, 140))),
    ("Chi ngân sách cấp xã", "tỷ đồng",
     (("Dự toán", 38, 142), ("Ước thực hiện", 37, 140), ("Thường xuyên", 29, 101), ("Đầu tư", 4, 38))),
    ("Diện tích gieo trồng cây hằng năm", "ha",
     (("Lúa", 85, 1240), ("Ngô", 20, 415), ("Rau các loại", 12, 260), ("Cây khác", 8, 190))),
    ("Chăn nuôi", "con",
     (("Trâu, bò", 120, 2350), ("Lợn", 840, 14800), ("Dê", 30, 1900), ("Gia cầm", 9500, 168000))),
    ("Xây dựng nông thôn mới, đô thị văn minh", "số lượng",
     (("Tiêu chí đạt", 11, 19), ("Thôn, tổ", 7, 34), ("Sản phẩm OCOP", 0, 12), ("Hợp tác xã", 1, 9))),
    ("Trường, lớp và học sinh", "số lượng",
     (("Trường học", 3, 12), ("Đạt chuẩn", 2, 9), ("Lớp", 34, 168), ("Học sinh", 920, 5650))),
    ("Y tế và bảo hiểm", "%, lượt",
     (("Có thẻ BHYT (%)", 91, 99), ("Tiêm đủ (%)", 90, 99), ("Khám BHYT", 3100, 28400), ("Hồ sơ sức khỏe", 3900, 30900))),
    ("Giảm nghèo và việc làm", "hộ, người",
     (("Hộ nghèo", 8, 214), ("Hộ cận nghèo", 22, 371), ("Thoát nghèo", 5, 96), ("Việc làm mới", 160, 905))),
    ("Dịch vụ công và chuyển đổi số", "hồ sơ, %",
     (("Hồ sơ nhận", 6100, 38700), ("Trực tuyến (%)", 61, 97), ("Đúng hạn (%)", 94, 99), ("Phủ sóng 4G (%)", 92, 100))),
    ("Đất đai và môi trường", "số lượng, %",
     (("GCN đã cấp", 210, 2980), ("Hồ sơ tồn", 2, 96), ("Thu gom rác (%)", 78, 99), ("Nước sạch (%)", 64, 99))),
    ("Trật tự, an toàn xã hội", "vụ, đơn",
     (("Vụ phạm pháp", 1, 29), ("Đã khám phá", 1, 26), ("Tai nạn", 0, 9), ("Đơn thư", 2, 57))),
)  # fmt: skip

WORKS = {  # what is built in each field, in one commune or between two
    "Giao thông": ("Đường từ trung tâm xã {a} đi xã {b}", "Cầu dân sinh thôn {n}, xã {a}", "Nâng cấp đường liên xã {a} - {b}"),
    "Nông nghiệp, thủy lợi": ("Sửa chữa hồ chứa nước số {n}, xã {a}", "Kiên cố hóa kênh mương xã {a}", "Kè chống sạt lở xã {a}"),
    "Giáo dục và đào tạo": ("Nhà lớp học Trường Tiểu học {a}", "Nhà bán trú Trường THCS {a}", "Nhà bộ môn Trường THPT {a}"),
    "Y tế, dân số": ("Sửa chữa Trạm Y tế xã {a}", "Nâng cấp Phòng khám đa khoa khu vực {a}"),
    "Khoa học, chuyển đổi số": ("Phòng họp trực tuyến xã {a}", "Hạ tầng mạng truyền số liệu cụm xã {a}"),
    "Văn hóa, thể thao": ("Cải tạo Nhà văn hóa xã {a}", "Tu bổ di tích đình {a}", "Sân thể thao trung tâm xã {a}"),
    "Lĩnh vực khác": ("Cải tạo trụ sở Công an xã {a}", "Hệ thống thu gom, xử lý nước thải xã {a}"),
}

MOST_A_PROJECT = 80  # thousand million đồng a year, on average


class Project(NamedTuple):
    """A public investment project; sums in thousand million đồng."""

    field: str
    name: str
    owner: str
    years: str
    total: float
    spent: float
    plan: float


def projects(number: int, seed: str) -> list[Project]:
    """So many projects, always the same for the same seed. In each field they spend what the plan gives it; few projects
    no more than is likely."""
    dice = random.Random(seed)
    spread = Counter(field.name for field in FIELDS) + Counter(
        dice.choices([field.name for field in FIELDS], [field.after for field in FIELDS], k=number - len(FIELDS))
    )
    made = []
    for field in FIELDS:
        weights = [dice.uniform(0.3, 1) for _ in range(spread[field.name])]
        money = left = float(min(field.after, MOST_A_PROJECT * len(weights)))
        for n, weight in enumerate(weights, 1):
            plan = round(left if n == len(weights) else money * weight / sum(weights), 1)
            left -= plan
            made.append(_project(dice, field.name, plan))
    return made


def _project(dice: random.Random, field: str, plan: float) -> Project:
    a, b = dice.sample(RURAL, 2)
    start = dice.choice((2025, 2026, 2026, 2027))
    spent = 0.0 if start == 2027 else round(plan * dice.uniform(0.3, 1.4), 1)
    total = round(spent + plan * dice.uniform(1.1, 1.9), 1)
    name = dice.choice(WORKS[field]).format(a=a, b=b, n=dice.randint(2, 9))
    owner = dice.choice((f"UBND xã {a}", f"UBND xã {a}", "Ban QLDA tỉnh"))
    return Project(field, name, owner, f"{start} - {start + 2}", total, spent, plan)


def communes(indicator: int, year: int) -> list[tuple[str, tuple[float, ...]]]:
    """The figures of one indicator table, commune by commune; a large commune is large in every column."""
    dice = random.Random(f"{indicator} {year}")
    rows = []
    for name in COMMUNES:
        size = dice.random()
        shares = (min(1.0, max(0.0, size + dice.uniform(-0.08, 0.08))) for _ in INDICATORS[indicator][2])
        columns = zip(INDICATORS[indicator][2], shares, strict=True)
        rows.append((name, tuple(least + (most - least) * share for (_, least, most), share in columns)))
    return rows
