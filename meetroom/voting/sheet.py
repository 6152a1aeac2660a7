"""The result sheet of a vote: the arithmetic, and of a named vote or opinion slip who answered what; also as a spreadsheet."""

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.voting import drops, paper
from meetroom.voting.drops import DropView
from meetroom.voting.paper import PaperBallotsView
from meetroom.voting.schema import Answers, Method, QuestionResult, VoteState, VoteView
from meetroom.voting.service import results_of, view
from meetroom.voting.tables import Elector, VoteRow
from meetroom.wire import VIETNAM, Id, Moment, Wire

COUNTED = (VoteState.CLOSED, VoteState.PUBLISHED, VoteState.ANNULLED)
OUTCOMES = {
    "passed": "Được thông qua", "failed": "Không được thông qua", "partly": "Chưa đủ số người cần bầu",
    "kept": "Được tín nhiệm", "may_resign": "Có thể xin từ chức", "dismissal": "Trình miễn nhiệm",
}  # fmt: skip


class SheetRow(Wire):
    """One elector; `answers` null: no ballot."""

    member_id: Id
    full_name: str
    unit: str
    answers: Answers | None
    opinion: str | None
    paper: bool
    recorded_at: Moment | None


class Sheet(Wire):
    """A counted vote. `rows` in the order of invitation; none of a secret vote, where nobody can know."""

    vote: VoteView
    results: tuple[QuestionResult, ...]
    rows: tuple[SheetRow, ...]
    papers: tuple[PaperBallotsView, ...]
    drops: tuple[DropView, ...]


def sheet(session: Session, row: VoteRow, *, runs: bool) -> Sheet:
    """For those who run the meeting from closing on, for everybody in it once published. Raises Refusal `wrong_state`."""
    if row.results is None or row.state not in (COUNTED if runs else (VoteState.PUBLISHED,)):
        raise Refusal("wrong_state", {"state": row.state})
    query = select(Elector, Member).join(Member, Member.person_id == Elector.person_id)
    listed = query.where(Elector.vote_id == row.id, Member.meeting_id == row.meeting_id).order_by(Member.id)
    named = session.execute(listed).all() if row.method != Method.SECRET else []
    return Sheet(
        vote=view(session, row),
        results=results_of(row),
        rows=tuple(
            SheetRow(
                member_id=member.id,
                full_name=member.full_name,
                unit=member.group or member.unit,
                answers=elector.answers,
                opinion=elector.opinion,
                paper=elector.paper,
                recorded_at=elector.recorded_at,
            )
            for elector, member in named
        ),
        papers=tuple(one for one in paper.views(session, row.meeting_id) if one.vote_id == row.id),
        drops=tuple(one for one in drops.views(session, row.meeting_id) if one.vote_id == row.id),
    )


def workbook(session: Session, row: VoteRow, *, runs: bool) -> bytes:
    """The sheet as XLSX: one page with the result, one with the names."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    shown = sheet(session, row, runs=runs)
    book = Workbook()
    result = book.active
    assert result is not None
    result.title = "Kết quả"
    for line in _result_lines(session, shown):
        result.append([_plain(cell) for cell in line])
    names = book.create_sheet("Danh sách")
    names.append(
        ["TT", "Họ và tên", "Tổ, đơn vị", *(_plain(q.title) for q in shown.vote.questions), "Ý kiến", "Hình thức", "Lúc"]
    )
    for n, one in enumerate(shown.rows, 1):
        names.append(
            [
                n,
                one.full_name,
                one.unit,
                *_answers(shown.vote, one),
                _plain(one.opinion or ""),
                _form(one),
                _time(one.recorded_at),
            ]
        )
    for page, widths in ((result, (44, 14, 14, 14, 14, 24)), (names, (6, 32, 28, *[22] * len(shown.vote.questions), 40, 14, 12))):
        for n, width in enumerate(widths, 1):
            page.column_dimensions[get_column_letter(n)].width = width
        page["A1"].font = Font(bold=True)
    for cell in names[1]:
        cell.font = Font(bold=True)
    names.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _result_lines(session: Session, shown: Sheet) -> list[list[Any]]:
    vote, meeting = shown.vote, meetings.load(session, session.get_one(VoteRow, shown.vote.id).meeting_id)
    lines: list[list[Any]] = [
        [vote.title],
        ["Cuộc họp", meeting.title],
        ["Quy tắc", vote.rule.source],
        ["Tỷ lệ", vote.rule.threshold, "quá" if vote.rule.strict else "ít nhất"],
        ["Tổng số đại biểu", vote.all_members],
        ["Có quyền biểu quyết", vote.electorate],
        ["Số phiếu thu về", vote.cast],
        ["Mở lúc", _time(vote.opened_at)],
        ["Đóng lúc", _time(vote.closed_at)],
    ]
    for question, found in zip(vote.questions, shown.results, strict=True):
        lines += [[], [question.title], ["", "Số phiếu", "Tỷ lệ %"]]
        for option, count, share in zip(question.options, found.counts, found.percents, strict=True):
            lines.append([option.title, count, float(share)])
        lines += [
            ["Không hợp lệ", found.invalid],
            ["Không có phiếu", found.no_ballot],
            ["Tính trên", found.base],
            ["Cần", found.needed],
            ["Kết quả", OUTCOMES[found.outcome]],
        ]
    return lines


def _answers(vote: VoteView, one: SheetRow) -> list[str]:
    if one.answers is None:
        return ["Không có phiếu"] + [""] * (len(vote.questions) - 1)
    pairs = zip(vote.questions, one.answers, strict=True)
    return [", ".join(_plain(o.title) for o in question.options if o.code in codes) for question, codes in pairs]


def _form(one: SheetRow) -> str:
    return "" if one.answers is None else "Phiếu giấy" if one.paper else "Trên máy"


def _time(moment: Any) -> str:
    return moment.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y") if moment else ""


def _plain(cell: Any) -> Any:
    """A cell is text, never a formula: what people wrote may begin with =, + or @."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
