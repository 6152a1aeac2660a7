"""Papers of the People's Committee: submissions and reports. The laws cited are real."""

from meetroom.documents.sample import tables
from meetroom.documents.sample.form import Paper, Signature, capital, projects
from meetroom.documents.sample.markup import Block, centred, p, part
from meetroom.documents.sample.money import FIELDS
from meetroom.documents.sample.sectors import SECTORS

COMMITTEE = ("ỦY BAN NHÂN DÂN", "TỈNH THANH GIANG")
INVESTMENT_LAW = "Luật Đầu tư công ngày 29 tháng 11 năm 2024; các nghị định của Chính phủ hướng dẫn thi hành"
FEE_LAW = (
    "Luật Phí và lệ phí ngày 25 tháng 11 năm 2015; Thông tư số 85/2019/TT-BTC ngày 29 tháng 11 năm 2019 của Bộ trưởng "
    "Bộ Tài chính"
)


def submission(about: str, number: str) -> Paper:
    signature = Signature(
        "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Trịnh Đức Long",
        ("Như trên;", "Thường trực Tỉnh ủy;", "Các Ban của HĐND tỉnh;", "Đại biểu HĐND tỉnh;", "Các sở, ban, ngành;",
         "UBND các xã, phường;", "Lưu: VT, TH."),
    )  # fmt: skip
    fees = "phí" in about.lower()
    annexes = tables.fee_annexes if fees else projects(f"(Kèm theo Tờ trình số {number} của Ủy ban nhân dân tỉnh)")
    body = [
        Block(centred("Kính gửi: Hội đồng nhân dân tỉnh.", "greeting")),
        Block(p(
            f"Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025; {FEE_LAW if fees else INVESTMENT_LAW}, Ủy ban "
            f"nhân dân tỉnh trình Hội đồng nhân dân tỉnh xem xét, ban hành Nghị quyết về {about}, cụ thể như sau:"
        )),
        *(_fees() if fees else _investment()),
        Block(p(
            f"Trên đây là Tờ trình về việc ban hành Nghị quyết về {about}. Ủy ban nhân dân tỉnh kính trình Hội đồng nhân dân "
            "tỉnh xem xét, quyết định./."
        )),
    ]  # fmt: skip
    about = f"Về việc ban hành Nghị quyết về {about}"
    return Paper(COMMITTEE, f"Số: {number}", "ngày 24 tháng 11 năm 2026", "TỜ TRÌNH", about, body, signature, annexes)


def _investment() -> list[Block]:
    need = (
        "Năm 2027 là năm thứ hai thực hiện Kế hoạch đầu tư công trung hạn giai đoạn 2026 - 2030. Tổng nhu cầu vốn của các sở, "
        "ngành và 66 xã, phường là 9.215 tỷ đồng, vượt khả năng cân đối của ngân sách địa phương; vì vậy cần thứ tự ưu tiên rõ "
        "ràng, phân bổ tập trung, không dàn trải.",
        "Việc ban hành Nghị quyết là cơ sở pháp lý để giao vốn ngay từ đầu năm, bảo đảm tiến độ các dự án chuyển tiếp và đáp "
        "ứng yêu cầu vận hành chính quyền địa phương hai cấp.",
        "Đến ngày 15 tháng 11 năm 2026, toàn tỉnh giải ngân 4.916/6.220 tỷ đồng, bằng 79,0% kế hoạch. Một số dự án chậm do "
        "vướng mặt bằng và biến động giá vật liệu; nếu không điều chỉnh cơ cấu vốn kịp thời, năm 2027 tiếp tục phát sinh vốn "
        "chuyển nguồn lớn.",
        "Sau sắp xếp, nhiều công trình liên xã có chủ đầu tư mới. Nghị quyết cần xác định rõ đơn vị chịu trách nhiệm đối với "
        "từng dự án, khắc phục tình trạng bàn giao hồ sơ kéo dài.",
    )
    principles = (
        "1. Tuân thủ Luật Đầu tư công, Luật Ngân sách nhà nước và các nguyên tắc, tiêu chí, định mức phân bổ vốn đã được Hội "
        "đồng nhân dân tỉnh thông qua.",
        "2. Nguyên tắc phân bổ: ưu tiên thanh toán nợ đọng xây dựng cơ bản, dự án chuyển tiếp, dự án trọng điểm liên xã; chỉ "
        "bố trí vốn khởi công mới khi đã đủ thủ tục đầu tư.",
        "3. Không bố trí vốn cho dự án chưa xác định rõ nguồn vốn và khả năng cân đối; không bố trí quá 3 năm đối với dự án "
        "nhóm C, 4 năm đối với dự án nhóm B.",
        "4. Phân cấp mạnh cho xã, phường đi đôi với kiểm tra, giám sát; công khai danh mục, mức vốn và tiến độ trên Cổng thông "
        "tin điện tử tỉnh để Nhân dân giám sát.",
    )
    process = (
        "Ngày 15 tháng 8 năm 2026, Ủy ban nhân dân tỉnh giao Sở Tài chính chủ trì xây dựng dự thảo Nghị quyết. Dự thảo được "
        "lấy ý kiến 18 sở, ngành, 66 xã, phường và đăng tải trên Cổng thông tin điện tử tỉnh trong 30 ngày.",
        "Có 71 cơ quan, đơn vị gửi ý kiến bằng văn bản, trong đó 52 ý kiến thống nhất hoàn toàn, 19 ý kiến đề nghị điều chỉnh "
        "mức vốn. Sở Tài chính đã tiếp thu 13 ý kiến, giải trình 6 ý kiến; bảng tổng hợp được gửi kèm hồ sơ.",
        "Sở Tư pháp thẩm định tại Báo cáo số 296/BC-STP ngày 10 tháng 11 năm 2026. Ủy ban nhân dân tỉnh đã thảo luận, biểu "
        "quyết thống nhất trình tại phiên họp ngày 20 tháng 11 năm 2026.",
    )
    contents = ("1. Tổng nguồn vốn đầu tư công năm 2027 là 6.840 tỷ đồng, cơ cấu như sau:",)
    means = (
        "1. Về nguồn lực: tổng vốn 6.840 tỷ đồng nằm trong khả năng cân đối, tăng 10,0% so với năm 2026. Riêng nguồn thu tiền "
        "sử dụng đất chỉ được giải ngân theo số thu thực tế.",
        "2. Về tổ chức thực hiện: Ủy ban nhân dân tỉnh giao chỉ tiêu chi tiết đến từng dự án trước ngày 31 tháng 12 năm 2026; "
        "định kỳ hằng tháng rà soát, điều chuyển vốn từ dự án chậm sang dự án có khả năng giải ngân.",
        "3. Về trách nhiệm: người đứng đầu chủ đầu tư chịu trách nhiệm trước Chủ tịch Ủy ban nhân dân tỉnh nếu đến ngày 30 "
        "tháng 9 năm 2027 giải ngân dưới 65% kế hoạch.",
        "4. Về giám sát: báo cáo Thường trực Hội đồng nhân dân tỉnh kết quả phân bổ, điều chỉnh vốn mỗi quý một lần; cập nhật "
        "tiến độ từng dự án trên hệ thống thông tin đầu tư công.",
    )
    return [
        *part("I. SỰ CẦN THIẾT BAN HÀNH NGHỊ QUYẾT", need, needed=2),
        *part("II. QUAN ĐIỂM, NGUYÊN TẮC XÂY DỰNG NGHỊ QUYẾT", principles, needed=2),
        *part("III. QUÁ TRÌNH XÂY DỰNG DỰ THẢO NGHỊ QUYẾT", process, needed=1),
        *part("IV. NỘI DUNG CƠ BẢN CỦA DỰ THẢO NGHỊ QUYẾT", contents, needed=1),
        Block(tables.sources(), whole=True),
        Block(p("2. Cơ cấu phân bổ theo ngành, lĩnh vực như sau:") + tables.allocation(), whole=True),
        Block(p(
            "Lĩnh vực khoa học, chuyển đổi số tăng 50,0% để hoàn thành trung tâm dữ liệu tỉnh và hạ tầng kết nối đến 66 xã, "
            "phường theo Nghị quyết số 57-NQ/TW ngày 22 tháng 12 năm 2024 của Bộ Chính trị."
        )),
        Block(p("3. Định hướng phân bổ từng lĩnh vực:"), False),
        *(Block(p(f"{letter}) {f.name}: {f.purpose}"), False) for letter, f in zip("abcdđeg", FIELDS, strict=True)),
        *part("V. DỰ KIẾN NGUỒN LỰC, ĐIỀU KIỆN BẢO ĐẢM THI HÀNH", means, needed=1),
    ]  # fmt: skip


def _fees() -> list[Block]:
    need = (
        "Mức thu phí, lệ phí hiện hành được ban hành từ năm 2020, khi còn ba cấp hành chính. Từ ngày 01 tháng 7 năm 2025, "
        "nhiều thủ tục chuyển về cấp xã và thực hiện trực tuyến, do đó một số mức thu không còn phù hợp với chi phí thực tế.",
        "Tỷ lệ hồ sơ nộp trực tuyến đạt 87,6%, song người dân vẫn nộp mức phí như nộp trực tiếp. Việc miễn, giảm đối với hồ sơ "
        "trực tuyến vừa chia sẻ với người dân, doanh nghiệp, vừa giảm chi phí vận hành của cơ quan nhà nước.",
        "Một số khoản thu phát sinh rất ít hoặc chi phí tổ chức thu lớn hơn số thu được, như phí thư viện; việc tiếp tục thu "
        "là không cần thiết. Ngược lại, phí thẩm định báo cáo đánh giá tác động môi trường chưa bù đắp chi phí chuyên gia.",
    )
    principles = (
        "1. Mức thu bảo đảm bù đắp chi phí, có tính đến chính sách phát triển kinh tế - xã hội của tỉnh và khả năng đóng góp "
        "của người nộp.",
        "2. Không đặt thêm khoản thu mới ngoài danh mục ban hành kèm theo Luật Phí và lệ phí; không tăng mức thu đối với thủ "
        "tục thiết yếu của người dân.",
        "3. Miễn lệ phí đối với hồ sơ nộp trực tuyến thuộc các lĩnh vực cư trú, xây dựng nhà ở riêng lẻ và đăng ký hộ kinh "
        "doanh.",
        "4. Mức thu tại các tỉnh lân cận được tham khảo để tránh chênh lệch lớn giữa các địa phương giáp ranh.",
    )
    contents = (
        "1. Giữ nguyên mức thu đối với 11 khoản; giảm hoặc miễn 9 khoản; điều chỉnh tăng 5 khoản. Mức thu cụ thể được nêu tại "
        "Phụ lục kèm theo Tờ trình này.",
        "2. Đối tượng miễn: người thuộc hộ nghèo; người có công với cách mạng; người cao tuổi; người khuyết tật; trẻ em; đồng "
        "bào dân tộc thiểu số ở xã có điều kiện kinh tế - xã hội đặc biệt khó khăn.",
        "3. Đơn vị thu phí được để lại 70% số thu để trang trải chi phí; 30% nộp ngân sách nhà nước. Lệ phí nộp 100% vào ngân "
        "sách nhà nước.",
        "4. Việc thu, nộp thực hiện không dùng tiền mặt qua Cổng Dịch vụ công; trường hợp người nộp không có tài khoản, Trung "
        "tâm Phục vụ hành chính công thu hộ và cấp biên lai điện tử.",
        "5. Thời điểm áp dụng: từ ngày 01 tháng 01 năm 2027. Hồ sơ nộp trước ngày này áp dụng mức thu tại thời điểm nộp.",
    )
    impact = (
        "1. Đối với ngân sách: tổng số thu dự kiến năm 2027 là 46,8 tỷ đồng, giảm 5,2 tỷ đồng so với ước thực hiện năm 2026, "
        "bằng 0,03% thu nội địa, không ảnh hưởng đến cân đối ngân sách.",
        "2. Đối với người dân, doanh nghiệp: khoảng 214 nghìn lượt hồ sơ mỗi năm được miễn hoặc giảm. Riêng hồ sơ đăng ký hộ "
        "kinh doanh trực tuyến tiết kiệm 1,9 tỷ đồng.",
        "3. Đối với thủ tục hành chính: dự thảo không làm phát sinh thủ tục mới, không có quy định liên quan đến vấn đề giới.",
    )
    return [
        *part("I. SỰ CẦN THIẾT BAN HÀNH NGHỊ QUYẾT", need, needed=2),
        *part("II. QUAN ĐIỂM XÂY DỰNG MỨC THU", principles, needed=2),
        *part("III. NỘI DUNG CƠ BẢN CỦA DỰ THẢO NGHỊ QUYẾT", contents, needed=3),
        Block(tables.fees(1, 6, "Biểu 1. Mức thu đối với một số khoản phí có số hồ sơ lớn"), whole=True),
        *part("IV. ĐÁNH GIÁ TÁC ĐỘNG", impact, needed=1),
    ]


def report(about: str, number: str) -> Paper:
    signature = Signature(
        "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Trịnh Đức Long",
        ("Văn phòng Chính phủ;", "Thường trực Tỉnh ủy;", "Thường trực HĐND tỉnh;", "Đại biểu HĐND tỉnh;", "Các sở, ban, ngành;",
         "UBND các xã, phường;", "Lưu: VT, TH."),
    )  # fmt: skip
    body = [
        Block(p(
            "Năm 2026 là năm đầu thực hiện Kế hoạch phát triển kinh tế - xã hội 5 năm 2026 - 2030 và cũng là năm trọn vẹn đầu "
            "tiên vận hành chính quyền địa phương hai cấp. Ủy ban nhân dân tỉnh báo cáo Hội đồng nhân dân tỉnh kết quả thực "
            "hiện và nhiệm vụ, giải pháp năm 2027 như sau:"
        )),
        *part("I. KẾT QUẢ ĐẠT ĐƯỢC", (
            "Tốc độ tăng tổng sản phẩm trên địa bàn (GRDP) ước đạt 8,12%, vượt kế hoạch 0,12 điểm phần trăm; quy mô kinh tế "
            "đạt 133.200 tỷ đồng; GRDP bình quân đầu người đạt 84,6 triệu đồng. Trong 24 chỉ tiêu Hội đồng nhân dân tỉnh giao, "
            "có 15 chỉ tiêu vượt, 7 chỉ tiêu đạt và 2 chỉ tiêu không đạt kế hoạch.",
            *(f"<b>{n}. {s.name}.</b> {s.result}" for n, s in enumerate(SECTORS, 1)),
        ), needed=5),
        *part("II. HẠN CHẾ, KHÓ KHĂN VÀ NGUYÊN NHÂN", [f"{n}. {s.weakness}" for n, s in enumerate(SECTORS, 1)], needed=3),
        Block(p(
            "Nguyên nhân chủ quan là chủ yếu: một số cơ quan, người đứng đầu chưa quyết liệt, còn tâm lý sợ sai; phối hợp giữa "
            "cấp tỉnh và cấp xã có lúc chưa chặt chẽ; năng lực dự báo còn hạn chế."
        )),
        *part("III. MỤC TIÊU, NHIỆM VỤ NĂM 2027", (
            "Phấn đấu hoàn thành toàn diện các chỉ tiêu Hội đồng nhân dân tỉnh giao, trong đó một số chỉ tiêu chủ yếu như sau:",
        ), needed=1),
        Block(tables.targets(), whole=True),
        *(Block(p(f"{n}. {s.task}"), n <= 4) for n, s in enumerate(SECTORS, 1)),
        Block(p("Ủy ban nhân dân tỉnh báo cáo Hội đồng nhân dân tỉnh xem xét, cho ý kiến./.")),
    ]  # fmt: skip
    day, annexes = "ngày 23 tháng 11 năm 2026", tables.statistics
    return Paper(COMMITTEE, f"Số: {number}", day, "BÁO CÁO", capital(about), body, signature, annexes)
