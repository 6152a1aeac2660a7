export default {
  title: 'Bộ nhớ của máy này',
  holds: 'Tài liệu đang giữ: {papers}, {mb} MB.',
  is_full: 'Bộ nhớ máy đã đầy: trang mới chỉ đọc được khi có mạng. Xóa bớt ảnh, ứng dụng hoặc tài liệu cũ trên máy.',
  offline: 'Mất mạng vẫn mở được những gì đã tải về.',
  offline_kept: 'Mất mạng vẫn mở được những gì đã tải về; máy không tự xóa.',
  no_offline: 'Máy này chưa tin chứng chỉ của máy chủ nên không mở được khi mất mạng. Báo kỹ thuật cài chứng chỉ.',
  install: 'Cài lên màn hình chính',
  empty: 'Xóa tài liệu khỏi máy',
} as const
