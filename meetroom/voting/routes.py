"""Where votes need HTTP: who has not voted, the result sheet, and trying a rule on past votes."""

import io

from flask import Blueprint, Response, send_file
from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import May, may
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import House, json_body, ok
from meetroom.meetings import service as meetings
from meetroom.store.tables import find
from meetroom.voting import catalogue, readers, sheet, turnout
from meetroom.voting.schema import Rule
from meetroom.voting.tables import VoteRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("voting", __name__)

    @routes.get("/api/meetings/<int:meeting_id>/votes/<int:vote_id>/turnout")
    def who_is_missing(meeting_id: int, vote_id: int) -> Response:
        """→ `{waiting}`: the members who may vote and have not, for the chair and those who run the meeting."""
        with house.store.read() as session:
            meetings.expect_may(session, house.actor(), meeting_id, May.RUN_FLOOR)
            return ok({"waiting": turnout.waiting(session, find(session, VoteRow, meeting_id, vote_id))})

    @routes.get("/api/meetings/<int:meeting_id>/votes/<int:vote_id>/sheet")
    def result_sheet(meeting_id: int, vote_id: int) -> Response:
        """→ Sheet."""
        with house.store.read() as session:
            row, runs = _vote(session, meeting_id, vote_id)
            shown = sheet.sheet(session, row, runs=runs)
            return ok(shown.model_dump(mode="json"))

    @routes.get("/api/meetings/<int:meeting_id>/votes/<int:vote_id>/sheet.xlsx")
    def result_workbook(meeting_id: int, vote_id: int) -> Response:
        with house.store.read() as session:
            row, runs = _vote(session, meeting_id, vote_id)
            data = sheet.workbook(session, row, runs=runs)
        return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"ket-qua-{vote_id}.xlsx")

    @routes.post("/api/rules/preview")
    def try_rule() -> Response:
        """A Rule → [Tried]: what past votes would have come to. Changes nothing."""
        rule = parse(Rule, json_body())
        with house.store.read() as session:
            if not may(meetings.roles(session, house.actor(), journal.HOUSE), May.MANAGE_HOUSE):
                raise Refusal("forbidden")
            return ok([one.model_dump(mode="json") for one in catalogue.preview(session, rule)])

    def _vote(session: Session, meeting_id: int, vote_id: int) -> tuple[VoteRow, bool]:
        """That, and whether the asker runs the vote. Raises Refusal `not_found` to whom it is closed."""
        actor = house.actor()
        meetings.expect_may(session, actor, meeting_id, May.SEE_MEETING)
        viewer, row = meetings.viewer(session, actor, meeting_id), find(session, VoteRow, meeting_id, vote_id)
        readers.expect_known(session, viewer, row)
        return row, viewer.may(May.RUN_MEETING)

    return routes
