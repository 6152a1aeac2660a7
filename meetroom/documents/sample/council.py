"""Papers of the People's Council: reports of verification, draft resolutions and their appendices."""

from meetroom.documents.sample import tables
from meetroom.documents.sample.form import Paper, Signature, capital, projects
from meetroom.documents.sample.markup import Block, centred, p, part
from meetroom.documents.sample.markup import number as printed
from meetroom.documents.sample.money import FIELDS
from meetroom.documents.sample.sectors import SECTORS

COUNCIL = ("HỘI ĐỒNG NHÂN DÂN", "TỈNH THANH GIANG")
BOARD = ("HĐND TỈNH THANH GIANG", "BAN KINH TẾ - NGÂN SÁCH")


def verification(about: str, number: str) -> Paper:
    signature = Signature(
        "TM. BAN KINH TẾ - NGÂN SÁCH", "TRƯỞNG BAN", "Phan Văn Đức",
        ("Thường trực HĐND tỉnh;", "UBND tỉnh;", "Đại biểu HĐND tỉnh;", "Các Ban của HĐND tỉnh;", "Lưu: VT, KTNS."),
    )  # fmt: skip
    investment = "đầu tư" in about.lower()
    remarks: list[tuple[str, str]] = (
        [(f.name, f"Mức vốn đề nghị {printed(f.after)} tỷ đồng. {f.purpose} {f.remark}") for f in FIELDS]
        if investment
        else [(s.name, f"{s.weakness} {s.remark}") for s in SECTORS]
    )
    requests = (
        "1. Đề nghị Ủy ban nhân dân tỉnh rà soát, chỉ đạo khắc phục ngay các hạn chế đã được nêu tại nhiều kỳ họp, báo cáo kết "
        "quả tại kỳ họp thường lệ giữa năm 2027.",
        "2. Bổ sung phụ lục so sánh từng chỉ tiêu với kết quả thực hiện của hai năm liền kề để đại biểu có cơ sở thảo luận, "
        "quyết định.",
        "3. Gửi tài liệu chính thức đến đại biểu trên hệ thống phòng họp không giấy tờ chậm nhất 5 ngày trước ngày khai mạc kỳ "
        "họp.",
        "4. Công khai kết quả giải quyết kiến nghị của cử tri theo từng lĩnh vực, từng địa bàn xã, phường.",
    )
    body = [
        Block(centred("Kính gửi: Hội đồng nhân dân tỉnh.", "greeting")),
        Block(p(
            "Thực hiện quy định của pháp luật và phân công của Thường trực Hội đồng nhân dân tỉnh, ngày 01 tháng 12 năm 2026, "
            f"Ban Kinh tế - Ngân sách đã tổ chức thẩm tra nội dung về {about} trình tại kỳ họp thứ ba. Trên cơ sở hồ sơ của Ủy "
            "ban nhân dân tỉnh, kết quả khảo sát tại 9 xã, phường và ý kiến của các thành viên, Ban báo cáo như sau:"
        )),
        *part("I. VỀ HỒ SƠ VÀ TRÌNH TỰ, THỦ TỤC", (
            "Hồ sơ được gửi đúng thời hạn, đủ thành phần theo quy định. Trình tự lấy ý kiến, thẩm định được thực hiện đầy đủ; "
            "nội dung phù hợp thẩm quyền của Hội đồng nhân dân tỉnh.",
            "Tuy nhiên, bảng tổng hợp tiếp thu, giải trình ý kiến còn sơ sài, 6 ý kiến của cấp xã chưa được trả lời rõ lý do "
            "không tiếp thu. Ban đề nghị hoàn thiện và gửi bổ sung trước phiên thảo luận.",
        ), needed=1),
        *part("II. Ý KIẾN CỦA BAN VỀ NỘI DUNG", (
            "Ban cơ bản thống nhất với nội dung trình. Để bảo đảm tính khả thi, Ban có ý kiến đối với từng lĩnh vực như sau:",
        ), needed=1),
        *([Block(tables.allocation("Bảng tổng hợp. "), needed=False, whole=True)] if investment else []),
        *(Block(p(f"<b>{n}. {name}.</b> {remark}"), n <= 3) for n, (name, remark) in enumerate(remarks, 1)),
        *part("III. KIẾN NGHỊ", requests, needed=2),
        Block(p(
            "Trên đây là Báo cáo thẩm tra của Ban Kinh tế - Ngân sách, kính trình Hội đồng nhân dân tỉnh xem xét, quyết "
            "định./."
        )),
    ]  # fmt: skip
    annex = projects(f"(Kèm theo Báo cáo thẩm tra số {number} của Ban Kinh tế - Ngân sách)")
    day, annexes = "ngày 02 tháng 12 năm 2026", annex if investment else tables.statistics
    return Paper(BOARD, f"Số: {number}", day, "BÁO CÁO THẨM TRA", f"Về {about}", body, signature, annexes)


def resolution(about: str, number: str) -> Paper:
    signature = Signature(
        "", "CHỦ TỊCH", "",
        ("Ủy ban Thường vụ Quốc hội;", "Chính phủ;", "Thường trực Tỉnh ủy;", "UBND tỉnh;", "Đại biểu HĐND tỉnh;",
         "HĐND, UBND các xã, phường;", "Lưu: VT."),
    )  # fmt: skip
    bases = (
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
        "Căn cứ Luật Ngân sách nhà nước ngày 25 tháng 6 năm 2025;",
        "Căn cứ Luật Đầu tư công ngày 29 tháng 11 năm 2024;",
        "Xét Tờ trình số 412/TTr-UBND ngày 24 tháng 11 năm 2026 của Ủy ban nhân dân tỉnh; Báo cáo thẩm tra số 87/BC-HĐND ngày "
        "02 tháng 12 năm 2026 của Ban Kinh tế - Ngân sách Hội đồng nhân dân tỉnh; ý kiến thảo luận của đại biểu Hội đồng nhân "
        "dân tỉnh tại kỳ họp.",
    )
    tasks = (
        "1. Giao vốn chi tiết cho từng dự án trước ngày 31 tháng 12 năm 2026; trường hợp giao sau thời hạn phải báo cáo Thường "
        "trực Hội đồng nhân dân tỉnh.",
        "2. Bố trí vốn theo thứ tự: thanh toán nợ đọng xây dựng cơ bản; dự án hoàn thành; dự án chuyển tiếp; dự án khởi công "
        "mới đủ thủ tục.",
        "3. Phần vốn từ nguồn thu tiền sử dụng đất chỉ phân bổ, giải ngân theo tiến độ thu thực tế.",
        "4. Mỗi tháng rà soát, điều chuyển vốn của các dự án giải ngân chậm; tăng cường thanh tra, kiểm tra, giám sát đầu tư "
        "của cộng đồng.",
        "5. Công khai danh mục dự án, mức vốn và tiến độ trên Cổng thông tin điện tử tỉnh; định kỳ mỗi quý báo cáo Thường trực "
        "Hội đồng nhân dân tỉnh.",
    )
    body = [
        Block(centred("HỘI ĐỒNG NHÂN DÂN TỈNH THANH GIANG<br>KHÓA XIX, KỲ HỌP THỨ BA", "bold greeting")),
        *(Block(f"<p class='italic'>{basis}</p>") for basis in bases),
        Block(centred("QUYẾT NGHỊ:", "bold greeting")),
        Block(p(
            f"<b>Điều 1.</b> Thông qua {about} với tổng vốn 6.840 tỷ đồng (Sáu nghìn tám trăm bốn mươi tỷ đồng), phân bổ theo "
            "ngành, lĩnh vực như sau:"
        )),
        Block(tables.allocation(""), whole=True),
        Block(p("Danh mục dự án và mức vốn cụ thể theo Phụ lục kèm theo Nghị quyết này.")),
        Block(p("<b>Điều 2.</b> Nhiệm vụ, giải pháp thực hiện")),
        *(Block(p(task), n < 3) for n, task in enumerate(tasks)),
        Block(p("<b>Điều 3.</b> Tổ chức thực hiện")),
        Block(p("1. Giao Ủy ban nhân dân tỉnh tổ chức triển khai thực hiện Nghị quyết.")),
        Block(p(
            "2. Thường trực Hội đồng nhân dân tỉnh, các Ban, các Tổ đại biểu và đại biểu Hội đồng nhân dân tỉnh giám sát việc "
            "thực hiện Nghị quyết."
        )),
        Block(p(
            "Nghị quyết này đã được Hội đồng nhân dân tỉnh Thanh Giang khóa XIX, Kỳ họp thứ ba thông qua ngày 08 tháng 12 năm "
            "2026 và có hiệu lực từ ngày 01 tháng 01 năm 2027./."
        )),
    ]  # fmt: skip
    annexes = projects("(Kèm theo Nghị quyết của Hội đồng nhân dân tỉnh)")
    unnumbered, day = "Số: &nbsp; &nbsp; &nbsp; &nbsp;/NQ-HĐND", "ngày &nbsp; &nbsp; tháng 12 năm 2026"
    return Paper(
        COUNCIL, f"Số: {number}" if number else unnumbered, day, "NGHỊ QUYẾT", f"Về {about}", body, signature, annexes, draft=True
    )


def appendix(about: str, number: str) -> Paper:
    annexes = projects("(Kèm theo dự thảo Nghị quyết của Hội đồng nhân dân tỉnh)")
    return Paper(COUNCIL, "", "", "PHỤ LỤC", capital(about), [], None, annexes)
