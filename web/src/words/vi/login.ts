export default {
  title: 'Đăng nhập',
  about: 'Dùng tài khoản do cơ quan cấp.',
  username: 'Tên đăng nhập',
  password: 'Mật khẩu',
  show_password: 'Hiện mật khẩu',
  enter: 'Đăng nhập',
  entering: 'Đang đăng nhập…',
  by_seat: 'Nhận máy tại ghế',
  by_seat_about: 'Máy dùng chung: quét mã trên thẻ ghế, không cần mật khẩu.',
  house: 'Phòng họp không giấy',
  house_about: 'Tài liệu, biểu quyết, phát biểu và điểm cầu trên một màn hình.',
  missing: 'Nhập tên đăng nhập và mật khẩu.',
} as const
