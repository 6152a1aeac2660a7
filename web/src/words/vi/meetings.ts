export default {
  opening: 'Đang mở cuộc họp',
  hidden: 'Không mở được cuộc họp này.',
  hidden_next: 'Cuộc họp không có, hoặc đại biểu không có trong thành phần họp.',
  screen_failed: 'Chưa tải được màn hình này.',
  screen_failed_next: 'Tải lại trang khi có mạng.',
} as const
