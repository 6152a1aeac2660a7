"""Printouts over HTTP: each for the one it was made for."""

from flask import Blueprint, Response, send_file

from meetroom.access import May
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.meetings import service as meetings
from meetroom.printing import service


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("printing", __name__)

    @routes.get("/api/meetings/<int:meeting_id>/printouts/<int:printout_id>")
    def printout(meeting_id: int, printout_id: int) -> Response:
        """The PDF, as a download. Refused: `not_found` also when one of its papers may no longer be read."""
        actor = house.actor()
        if actor.seat_of is not None:  # a shared tablet: its downloads cannot be wiped
            raise Refusal("forbidden")
        with house.store.read() as session:
            meetings.expect_may(session, actor, meeting_id, May.TAKE_PART)
            row = service.file_for(session, meetings.viewer(session, actor, meeting_id), meeting_id, printout_id)
            assert row.file is not None
            name = f"{row.title.replace('/', '-')[:80]}.pdf"
        return send_file(house.blobs.path(row.file), mimetype="application/pdf", as_attachment=True, download_name=name)

    return routes
