"""The invented province of the sample papers: its communes, and the fields of its life in 2026."""

from typing import NamedTuple

RURAL = (
    "An Hòa", "An Lạc", "An Phú", "Bình An", "Bình Phú", "Bình Sơn", "Cẩm Tú", "Cổ Lũng", "Đại Đồng", "Đại Thắng", "Đông Hà",
    "Đông Sơn", "Đồng Tâm", "Đức Thọ", "Hải Long", "Hòa Bình", "Hồng Phong", "Hợp Tiến", "Hưng Đạo", "Hương Sơn", "Khánh Thượng",
    "Kim Sơn", "Lam Giang", "Liên Hòa", "Long Khê", "Lương Sơn", "Mai Lâm", "Minh Tân", "Mường Khao", "Nam Hưng", "Nghĩa Lộ",
    "Ngọc Sơn", "Phú Nhuận", "Phú Xuân", "Phúc Lộc", "Quang Trung", "Quảng Yên", "Sơn Hà", "Tam Giang", "Tân Lập", "Tân Tiến",
    "Thạch Bình", "Thanh Lâm", "Thượng Ninh", "Tiên Phong", "Trung Sơn", "Trường Xuân", "Vạn Thiện", "Việt Hồng", "Vĩnh Khang",
    "Xuân Lộc", "Yên Mỹ",
)  # fmt: skip
URBAN = (
    "Bắc Sơn", "Đông Kinh", "Giang Biên", "Hàm Long", "Thành Sơn", "Lam Thành", "Nam Thành", "Ngọc Trạo", "Phú Sơn",
    "Quảng Thắng", "Tân Phong", "Trường Thi", "Vân Khánh", "Yên Thịnh",
)  # fmt: skip
COMMUNES = (*(f"Phường {name}" for name in URBAN), *(f"Xã {name}" for name in RURAL))


class Sector(NamedTuple):
    """One field of the province's life: what was reached in 2026, what was not, what 2027 shall bring, and what the
    council's committee says to it."""

    name: str
    result: str
    weakness: str
    task: str
    remark: str


SECTORS = (
    Sector(
        "Nông nghiệp, lâm nghiệp, thủy sản và xây dựng nông thôn mới",
        "Giá trị tăng thêm khu vực nông, lâm nghiệp và thủy sản ước tăng 3,84% so với năm 2025. Sản lượng lương thực có hạt "
        "đạt 742,6 nghìn tấn, bằng 101,2% kế hoạch; diện tích cây trồng được cấp mã số vùng trồng đạt 11.320 ha, tăng 1.460 "
        "ha. Dịch bệnh trên đàn vật nuôi được kiểm soát, tổng đàn lợn khôi phục bằng thời điểm trước dịch. Trồng mới 6.850 ha "
        "rừng, tỷ lệ che phủ rừng duy trì ở mức 46,8%. Toàn tỉnh có 41/52 xã đạt chuẩn nông thôn mới, trong đó 12 xã đạt chuẩn "
        "nâng cao.",
        "Liên kết giữa doanh nghiệp với hợp tác xã và nông dân còn lỏng lẻo, tỷ lệ nông sản tiêu thụ qua hợp đồng mới đạt "
        "31,5%. Hạ tầng thủy lợi ở 9 xã miền núi xuống cấp, chưa chủ động tưới cho khoảng 2.300 ha lúa vụ xuân.",
        "Chuyển đổi 3.200 ha đất lúa kém hiệu quả sang cây trồng có giá trị cao hơn; nâng tỷ lệ nông sản tiêu thụ qua hợp đồng "
        "lên 38%; hoàn thành sửa chữa 14 hồ chứa nước trước mùa mưa lũ; có thêm 4 xã đạt chuẩn nông thôn mới.",
        "Ban đề nghị làm rõ trách nhiệm của chủ đầu tư đối với 5 hồ chứa nước chậm sửa chữa so với tiến độ đã báo cáo tại kỳ "
        "họp trước, đồng thời bổ sung giải pháp bảo đảm nước tưới cho các xã miền núi trong vụ xuân 2027.",
    ),
    Sector(
        "Công nghiệp và xây dựng",
        "Chỉ số sản xuất công nghiệp ước tăng 11,6%, trong đó công nghiệp chế biến, chế tạo tăng 13,2%. Ba khu công nghiệp đã "
        "đi vào hoạt động đạt tỷ lệ lấp đầy 71,4%, giải quyết việc làm cho 38.700 lao động. Giá trị sản xuất ngành xây dựng "
        "ước đạt 14.280 tỷ đồng, tăng 9,7%; tỷ lệ đô thị hóa đạt 34,9%.",
        "Công nghiệp hỗ trợ phát triển chậm, giá trị nội địa hóa trong ngành dệt may, da giày mới đạt khoảng 36%. Tiến độ giải "
        "phóng mặt bằng Khu công nghiệp Tân Phong chậm 5 tháng so với kế hoạch.",
        "Phấn đấu chỉ số sản xuất công nghiệp tăng 12% trở lên; bàn giao toàn bộ mặt bằng Khu công nghiệp Tân Phong trước ngày "
        "30 tháng 6 năm 2027; thành lập mới 2 cụm công nghiệp tại xã Đông Sơn và xã Minh Tân.",
        "Tốc độ tăng của công nghiệp chế biến, chế tạo là điểm sáng, song còn phụ thuộc vào một số ít doanh nghiệp lớn. Ban đề "
        "nghị đánh giá khả năng chống chịu của khu vực này khi đơn hàng xuất khẩu giảm.",
    ),
    Sector(
        "Thương mại, dịch vụ và du lịch",
        "Tổng mức bán lẻ hàng hóa và doanh thu dịch vụ tiêu dùng ước đạt 51.300 tỷ đồng, tăng 12,4%. Kim ngạch xuất khẩu đạt "
        "2,16 tỷ đô la Mỹ, bằng 103,8% kế hoạch. Toàn tỉnh đón 3,42 triệu lượt khách du lịch, tăng 15,1%; doanh thu du lịch "
        "đạt 3.870 tỷ đồng. Doanh thu thương mại điện tử chiếm 10,8% tổng mức bán lẻ.",
        "Thời gian lưu trú bình quân của khách mới đạt 1,6 ngày; sản phẩm du lịch còn đơn điệu, hạ tầng kết nối các điểm du "
        "lịch cộng đồng ở xã Cổ Lũng, xã Mường Khao chưa đồng bộ.",
        "Đón 3,8 triệu lượt khách; hoàn thành đề án phát triển du lịch ven sông Giang; đưa 60% sản phẩm đạt chứng nhận OCOP "
        "của tỉnh lên các sàn thương mại điện tử.",
        "Ban cơ bản thống nhất với đánh giá của Ủy ban nhân dân tỉnh, đồng thời lưu ý công tác quản lý chất lượng hàng hóa bán "
        "trên môi trường mạng và việc thu thuế đối với hoạt động này.",
    ),
    Sector(
        "Thu, chi ngân sách nhà nước",
        "Tổng thu ngân sách nhà nước trên địa bàn ước đạt 18.460 tỷ đồng, bằng 108,3% dự toán Hội đồng nhân dân tỉnh giao, "
        "tăng 9,2% so với năm 2025; trong đó thu nội địa 15.720 tỷ đồng, thu từ hoạt động xuất nhập khẩu 2.740 tỷ đồng. Tổng "
        "chi ngân sách địa phương ước thực hiện 27.350 tỷ đồng, bằng 99,1% dự toán, bảo đảm các nhiệm vụ chi thường xuyên, an "
        "sinh xã hội và cải cách tiền lương.",
        "Thu tiền sử dụng đất chiếm 27,6% thu nội địa, thiếu tính bền vững. Nợ thuế có khả năng thu tại thời điểm 31 tháng 10 "
        "còn 412 tỷ đồng, tập trung ở 37 doanh nghiệp.",
        "Phấn đấu thu ngân sách nhà nước đạt 19.900 tỷ đồng; giảm tỷ trọng thu tiền sử dụng đất xuống dưới 25% thu nội địa; "
        "tiết kiệm thêm 10% chi thường xuyên ngoài lương để tạo nguồn cho đầu tư phát triển.",
        "Dự toán thu năm 2027 được xây dựng tích cực. Ban đề nghị phân tích kỹ hơn khoản thu tiền sử dụng đất tại 6 dự án chưa "
        "xác định được giá đất cụ thể, tránh hụt thu ảnh hưởng đến kế hoạch đầu tư công.",
    ),
    Sector(
        "Đầu tư phát triển và giải ngân vốn đầu tư công",
        "Tổng vốn đầu tư toàn xã hội ước đạt 46.900 tỷ đồng, bằng 35,2% GRDP. Đến ngày 15 tháng 11 năm 2026, giải ngân vốn đầu "
        "tư công đạt 4.916 tỷ đồng, bằng 79,0% kế hoạch, cao hơn cùng kỳ 6,4 điểm phần trăm. Đã hoàn thành, đưa vào sử dụng "
        "86 công trình, trong đó có cầu Lam Giang và tuyến đường tránh phường Yên Thịnh.",
        "Còn 11 dự án giải ngân dưới 50% kế hoạch, chủ yếu do vướng mắc về nguồn gốc đất và biến động giá vật liệu đắp nền. "
        "Công tác quyết toán dự án hoàn thành ở 8 chủ đầu tư cấp xã còn chậm.",
        "Giải ngân trên 95% kế hoạch vốn được giao; phân bổ chi tiết 100% vốn trước ngày 31 tháng 12 năm 2026; chỉ khởi công "
        "mới khi đã đủ thủ tục và có tối thiểu 70% mặt bằng sạch.",
        "Ban đề nghị công khai danh sách chủ đầu tư giải ngân chậm và xem đây là căn cứ đánh giá, xếp loại người đứng đầu cuối "
        "năm.",
    ),
    Sector(
        "Phát triển doanh nghiệp và cải thiện môi trường đầu tư kinh doanh",
        "Có 1.684 doanh nghiệp thành lập mới, tăng 14,7%, với tổng vốn đăng ký 16.150 tỷ đồng; 412 doanh nghiệp quay trở lại "
        "hoạt động. Thu hút 47 dự án đầu tư trong nước và 9 dự án đầu tư nước ngoài, vốn đăng ký lần lượt là 12.430 tỷ đồng và "
        "318 triệu đô la Mỹ.",
        "Số doanh nghiệp tạm ngừng kinh doanh còn cao, 738 doanh nghiệp, tăng 8,1%. Một số thủ tục về đất đai, xây dựng, môi "
        "trường chưa được liên thông giữa cấp tỉnh và cấp xã.",
        "Thành lập mới trên 1.850 doanh nghiệp; rút ngắn ít nhất 30% thời gian giải quyết thủ tục đầu tư; đối thoại với doanh "
        "nghiệp mỗi quý một lần và công khai kết quả giải quyết kiến nghị.",
        "Ban ghi nhận chuyển biến trong hỗ trợ doanh nghiệp và đề nghị báo cáo cụ thể số kiến nghị còn tồn từ các hội nghị đối "
        "thoại.",
    ),
    Sector(
        "Giáo dục và đào tạo",
        "Quy mô trường lớp được sắp xếp hợp lý theo mô hình chính quyền địa phương hai cấp; 78,9% trường học đạt chuẩn quốc "
        "gia, vượt kế hoạch 0,9 điểm phần trăm. Kết quả kỳ thi tốt nghiệp trung học phổ thông đạt 99,3%. Toàn tỉnh duy trì "
        "vững chắc phổ cập giáo dục mầm non cho trẻ em 5 tuổi; 100% xã, phường có ít nhất một trường học tổ chức dạy học 2 "
        "buổi/ngày.",
        "Còn thiếu 1.126 giáo viên so với định mức, tập trung ở bậc mầm non và các môn Tin học, Tiếng Anh; 214 phòng học nhờ, "
        "phòng học tạm chưa được thay thế.",
        "Tuyển dụng đủ số biên chế giáo viên được giao trước ngày 15 tháng 8 năm 2027; xóa toàn bộ phòng học tạm tại các xã "
        "miền núi; tỷ lệ trường đạt chuẩn quốc gia đạt 80,5%.",
        "Việc thiếu giáo viên kéo dài nhiều năm. Ban đề nghị có chính sách thu hút riêng cho các xã đặc biệt khó khăn và lộ "
        "trình rõ ràng theo từng năm học.",
    ),
    Sector(
        "Y tế và chăm sóc sức khỏe nhân dân",
        "Tỷ lệ bao phủ bảo hiểm y tế đạt 95,2% dân số; đạt 33,6 giường bệnh và 11,9 bác sĩ trên một vạn dân. Bệnh án điện tử "
        "được triển khai tại 100% bệnh viện công lập. 66/66 trạm y tế xã, phường có bác sĩ làm việc, trong đó 58 trạm có bác "
        "sĩ cơ hữu.",
        "Thiếu thuốc, vật tư tại một số thời điểm do chậm lựa chọn nhà thầu; năng lực khám, chữa bệnh của trạm y tế sau sắp "
        "xếp chưa đồng đều, tỷ lệ người bệnh vượt tuyến còn cao.",
        "Hoàn thành đấu thầu tập trung thuốc năm 2027 trước ngày 31 tháng 01; khám sức khỏe định kỳ miễn phí ít nhất một lần "
        "cho người cao tuổi; nâng tỷ lệ bao phủ bảo hiểm y tế lên 96%.",
        "Ban đề nghị báo cáo rõ nguyên nhân để xảy ra thiếu thuốc cục bộ và trách nhiệm của từng đơn vị.",
    ),
    Sector(
        "Văn hóa, thể thao và gia đình",
        "Tổ chức thành công các hoạt động kỷ niệm 80 năm Ngày bầu cử đầu tiên; 89,4% gia đình, 86,7% thôn, tổ dân phố đạt danh "
        "hiệu văn hóa. Tu bổ, tôn tạo 13 di tích, trong đó có Khu di tích quốc gia Thành cổ Lam Giang. Đoàn thể thao của tỉnh "
        "đạt 64 huy chương tại các giải quốc gia, 7 huy chương quốc tế.",
        "Thiết chế văn hóa ở 17 xã sau sắp xếp chưa được bố trí công năng phù hợp; nguồn lực xã hội hóa cho thể thao quần "
        "chúng còn hạn chế.",
        "Bố trí lại và đưa vào sử dụng toàn bộ nhà văn hóa dôi dư sau sắp xếp; số hóa hồ sơ 100% di tích quốc gia; tổ chức Đại "
        "hội Thể dục thể thao cấp xã đúng kế hoạch.",
        "Ban đề nghị sớm ban hành phương án sử dụng trụ sở, nhà văn hóa dôi dư, tránh lãng phí tài sản công.",
    ),
    Sector(
        "Lao động, giảm nghèo và an sinh xã hội",
        "Giải quyết việc làm cho 32.400 lao động, bằng 104,5% kế hoạch; tỷ lệ lao động qua đào tạo đạt 73,1%. Tỷ lệ hộ nghèo "
        "đa chiều giảm còn 1,86%. Hoàn thành xóa 2.117 nhà tạm, nhà dột nát trước thời hạn 4 tháng. Chi trả trợ cấp xã hội qua "
        "tài khoản đạt 91,3% số người thụ hưởng có tài khoản.",
        "Kết quả giảm nghèo ở 6 xã vùng cao thiếu bền vững, tỷ lệ hộ cận nghèo còn 9,4%; tình trạng chậm đóng bảo hiểm xã hội "
        "kéo dài tại một số doanh nghiệp.",
        "Giảm tỷ lệ hộ nghèo đa chiều xuống dưới 1,4%; đào tạo nghề cho 18.500 lao động nông thôn; thu hồi ít nhất 60% số tiền "
        "chậm đóng bảo hiểm xã hội.",
        "Ban đề nghị ưu tiên nguồn lực cho 6 xã có tỷ lệ hộ nghèo trên 10% và đánh giá hiệu quả thực chất của các mô hình sinh "
        "kế.",
    ),
    Sector(
        "Khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số",
        "Thực hiện Nghị quyết số 57-NQ/TW ngày 22 tháng 12 năm 2024 của Bộ Chính trị, tỉnh đã hoàn thành 18/21 nhiệm vụ trong "
        "năm. Tỷ lệ hồ sơ trực tuyến toàn trình đạt 87,6%; 100% xã, phường kết nối mạng truyền số liệu chuyên dùng; cuộc họp "
        "không giấy tờ được tổ chức tại 100% sở, ngành và 59/66 xã, phường. Kinh tế số ước chiếm 13,9% GRDP.",
        "Hạ tầng tại 7 xã miền núi chưa bảo đảm đường truyền ổn định cho hội nghị trực tuyến; trung tâm dữ liệu tỉnh chậm tiến "
        "độ 3 tháng; nhân lực công nghệ thông tin cấp xã còn kiêm nhiệm.",
        "Đưa trung tâm dữ liệu tỉnh vào vận hành trong quý III năm 2027; bố trí tối thiểu một công chức chuyên trách công nghệ "
        "thông tin tại mỗi xã, phường; phủ sóng 5G tại 80% khu vực dân cư.",
        "Ban thống nhất ưu tiên vốn cho trung tâm dữ liệu tỉnh, đề nghị làm rõ phương án bảo đảm an toàn thông tin và kinh phí "
        "vận hành hằng năm.",
    ),
    Sector(
        "Tài nguyên và môi trường",
        "Hoàn thành xây dựng cơ sở dữ liệu đất đai tại 61/66 xã, phường. Tỷ lệ thu gom, xử lý chất thải rắn sinh hoạt đô thị "
        "đạt 97,8%, nông thôn đạt 86,2%. Kiểm tra 74 cơ sở có nguy cơ gây ô nhiễm, xử phạt 19 trường hợp với số tiền 6,3 tỷ "
        "đồng.",
        "Việc phân loại rác tại nguồn chưa đi vào nền nếp; 4 bãi chôn lấp đã quá tải; khai thác cát trái phép trên sông Giang "
        "có thời điểm còn diễn biến phức tạp.",
        "Khởi công nhà máy xử lý rác phát điện tại xã Đại Đồng; đóng cửa, cải tạo 4 bãi chôn lấp; hoàn thành cơ sở dữ liệu đất "
        "đai toàn tỉnh trong quý II năm 2027.",
        "Ban đề nghị xác định rõ thời hạn đóng cửa từng bãi chôn lấp và phương án trung chuyển rác trong thời gian chờ nhà máy "
        "hoạt động.",
    ),
    Sector(
        "Tổ chức bộ máy, cải cách hành chính",
        "Mô hình chính quyền địa phương hai cấp vận hành ổn định qua hơn một năm. Trung tâm Phục vụ hành chính công tại 66 xã, "
        "phường tiếp nhận 1,27 triệu hồ sơ, tỷ lệ giải quyết đúng và trước hạn đạt 98,4%. Đã tinh giản, sắp xếp 614 biên chế "
        "theo lộ trình.",
        "Một số xã có địa bàn rộng, đi lại khó khăn; việc phân cấp chưa đi đôi với bố trí nhân lực và kinh phí. Cán bộ chuyên "
        "môn về xây dựng, địa chính ở 23 xã còn thiếu.",
        "Rà soát, phân cấp thêm 42 thủ tục hành chính cho cấp xã kèm điều kiện bảo đảm; điều động, biệt phái công chức chuyên "
        "môn cho các xã còn thiếu trong quý I năm 2027.",
        "Ban đề nghị sơ kết việc phân cấp, phân quyền giữa tỉnh và xã, báo cáo Hội đồng nhân dân tỉnh tại kỳ họp giữa năm "
        "2027.",
    ),
    Sector(
        "Quốc phòng, an ninh, trật tự an toàn xã hội",
        "Quốc phòng, an ninh được giữ vững; hoàn thành 100% chỉ tiêu giao quân. Tội phạm về trật tự xã hội giảm 7,9%, tỷ lệ "
        "điều tra, khám phá đạt 88,5%. Tai nạn giao thông giảm cả ba tiêu chí so với năm 2025: số vụ giảm 11,2%, số người chết "
        "giảm 9,6%, số người bị thương giảm 12,7%.",
        "Tội phạm lừa đảo trên không gian mạng gia tăng, gây thiệt hại 71 tỷ đồng; một số vụ khiếu kiện về đất đai kéo dài "
        "chưa được giải quyết dứt điểm.",
        "Giảm ít nhất 5% số vụ phạm pháp về trật tự xã hội; giải quyết dứt điểm 12 vụ khiếu kiện phức tạp, kéo dài; diễn tập "
        "phòng thủ dân sự tại 20 xã, phường.",
        "Ban đề nghị tăng cường tuyên truyền, cảnh báo lừa đảo trực tuyến tới người cao tuổi ở khu vực nông thôn.",
    ),
)  # fmt: skip
