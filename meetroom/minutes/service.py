"""Commands about the minutes: quick notes taken while the sitting runs."""

from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.agenda.tables import Item
from meetroom.door import Call, command
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.minutes.schema import AddNote, NoteChanged, NoteRemoved, NoteView, OneNote
from meetroom.minutes.tables import NoteRow
from meetroom.store.tables import all_of, find


@command("note.add", may=May.RUN_MEETING)
def add_note(call: Call, order: AddNote) -> NoteView:
    if order.item_id is not None:
        find(call.session, Item, order.meeting_id, order.item_id)
    author = meetings.own_member(call, order.meeting_id)
    note = NoteRow(**order.model_dump(), member_id=author.id, at=call.now)
    call.session.add(note)
    call.session.flush()
    shown = view(call.session, note)
    call.tell(NoteChanged(note=shown))
    call.undo_by("note.remove", order.text, meeting_id=order.meeting_id, note_id=note.id)
    return shown


@command("note.remove", may=May.RUN_MEETING)
def remove_note(call: Call, order: OneNote) -> None:
    call.session.delete(find(call.session, NoteRow, order.meeting_id, order.note_id))
    call.tell(NoteRemoved(id=order.note_id))


def view(session: Session, note: NoteRow) -> NoteView:
    by = find(session, Member, note.meeting_id, note.member_id).full_name
    return NoteView(id=note.id, item_id=note.item_id, text=note.text, by=by, at=note.at)


def views(session: Session, meeting_id: int) -> list[NoteView]:
    return [view(session, note) for note in all_of(session, NoteRow, meeting_id)]
