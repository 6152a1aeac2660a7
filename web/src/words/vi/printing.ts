/** Papers as PDF files for printing and keeping. */
export default {
  open: 'In tài liệu',
  title: 'In tài liệu',
  menu_text: 'Tệp PDF có tên người in, kèm nét vẽ và ghi chú của mình.',
  pack_short: 'Bản in',
  about: 'Máy chủ làm tệp PDF có tên người in và giờ in trên mỗi trang. Tệp chỉ dành cho người yêu cầu, giữ trong 24 giờ.',
  with_ink: 'Kèm nét vẽ và ghi chú',
  this_paper: 'In {name}',
  pack: 'In cả bộ tài liệu',
  pack_of: 'Bộ tài liệu: {title}',
  queued: 'Đang chờ',
  making: 'Đang làm, {done} / {total} tài liệu',
  ready: 'Xong lúc {time}, {size} MB',
  failed: 'Chưa làm được tệp này. Báo kỹ thuật nếu vẫn vậy khi yêu cầu lại.',
  too_large: 'Tài liệu quá lớn cho một tệp. Chọn in từng tài liệu.',
  download: 'Tải về',
  remove: 'Xóa bản in',
} as const
