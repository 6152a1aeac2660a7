"""Where the conference needs HTTP: recordings and the incident log."""

from collections.abc import Iterator

from flask import Blueprint, Response, request, send_file

from meetroom.access import May
from meetroom.conference import incidents
from meetroom.conference.orders import Incident
from meetroom.conference.recording import Files
from meetroom.conference.schema import RecordingState
from meetroom.conference.tables import Recording
from meetroom.errors import Refusal
from meetroom.http import House, ok
from meetroom.meetings import service as meetings


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("conference", __name__)
    files = Files(house.recordings)

    @routes.get("/api/recordings/<int:recording_id>")
    def recording(recording_id: int) -> Response:
        """The file of a finished recording, whole or in parts (Range), for whoever may see its meeting: every member, and
        those who look after the house. `?download` names it for keeping. Whom a meeting's recording is meant for beyond
        its members is decided by who hands the file on."""
        actor = house.actor()
        with house.store.read() as session:
            row = session.get(Recording, recording_id)
            if row is None or not meetings.viewer(session, actor, row.meeting_id).may(May.SEE_MEETING):
                raise Refusal("not_found")
            path = files.path(row.meeting_id, row.id)
        if row.state == RecordingState.RECORDING or not path.is_file():
            raise Refusal("not_found")
        return send_file(
            path,
            mimetype="video/webm",
            as_attachment="download" in request.args,
            download_name=f"{row.started_at:%Y-%m-%d}-{row.meeting_id}-{row.id}.webm",
            conditional=True,
        )

    @routes.get("/api/meetings/<int:meeting_id>/incidents")
    def incident_log(meeting_id: int) -> Response:
        """→ [Incident], oldest first, for who may read the journal."""
        return ok([row.model_dump(mode="json") for row in log(meeting_id)])

    @routes.get("/api/meetings/<int:meeting_id>/incidents.csv")
    def incident_file(meeting_id: int) -> Response:
        """The same for a spreadsheet; `?lang=` vi or en."""
        language = request.args.get("lang", "vi")
        if language not in incidents.HEADERS:
            raise Refusal("invalid", [{"field": "lang", "problem": "enum"}])
        response = Response(incidents.spreadsheet(log(meeting_id), language), mimetype="text/csv")
        response.headers["Content-Disposition"] = f"attachment; filename=incidents-{meeting_id}.csv"
        return response

    def log(meeting_id: int) -> Iterator[Incident]:
        with house.store.read() as session:
            meetings.expect_may(session, house.actor(), meeting_id, May.READ_JOURNAL)
        return incidents.incidents(incidents.entries(house.store, meeting_id))

    return routes
