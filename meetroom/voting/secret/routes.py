"""What is too large for a command: envelopes to the board's device, its count back, the published board to everybody."""

from flask import Blueprint, Response, jsonify, request

from meetroom.access import May
from meetroom.errors import Refusal
from meetroom.http import House, json_body, ok
from meetroom.meetings import service as meetings
from meetroom.store.tables import find
from meetroom.voting import readers
from meetroom.voting.secret import service
from meetroom.voting.tables import VoteRow

COUNT_BYTES = 4_000_000  # a count of 500 ballots with sixty questions


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("secret", __name__)

    @routes.get("/api/box")
    def box() -> Response:
        """Where envelopes go: this host, another port."""
        return ok({"port": house.box_port})

    @routes.get("/api/secret/<int:meeting_id>/<int:vote_id>/envelopes")
    def envelopes(meeting_id: int, vote_id: int) -> Response:
        actor = house.actor()
        with house.store.read() as session:
            meetings.expect_may(session, actor, meeting_id, May.TAKE_PART)
            member = meetings.member_of(session, meeting_id, actor.person_id)
            found = service.to_count(session, meeting_id, vote_id, member.id if member else None)
        return ok(found)

    @routes.post("/api/secret/<int:meeting_id>/<int:vote_id>/count")
    def count(meeting_id: int, vote_id: int) -> tuple[Response, int]:
        """The command `secret.count` with a larger body."""
        actor = house.actor()
        if (request.content_length or 0) > COUNT_BYTES:
            raise Refusal("too_large", {"limit": COUNT_BYTES})
        body = json_body()
        order = {**(body.get("order") or {}), "meeting_id": meeting_id, "vote_id": vote_id}
        answer, status = house.door.answer("secret.count", order, actor=actor, op_id=body.get("op_id"))
        return jsonify(answer), status

    @routes.get("/api/secret/<int:meeting_id>/<int:vote_id>/board")
    def board(meeting_id: int, vote_id: int) -> Response:
        """As signed, to the letter: for `python -m meetroom.voting.verify`, and for each tablet's look at its own ballot."""
        actor = house.actor()
        with house.store.read() as session:
            meetings.expect_may(session, actor, meeting_id, May.SEE_MEETING)
            vote = find(session, VoteRow, meeting_id, vote_id)
            readers.expect_known(session, meetings.viewer(session, actor, meeting_id), vote)
            text = service.published(session, meeting_id, vote_id)
        response = Response(text, mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="secret-vote-{vote_id}.json"'
        return response

    return routes
