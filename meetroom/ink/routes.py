"""One's own ink over HTTP: what is private is told to nobody else, not even as an event."""

from flask import Blueprint, Response, request

from meetroom.access import May
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import House, ok
from meetroom.ink import service
from meetroom.ink.schema import AskInk
from meetroom.meetings import service as meetings


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("ink", __name__)

    @routes.get("/api/meetings/<int:meeting_id>/ink")
    def own(meeting_id: int) -> Response:
        """`?since=` a revision → Ink: the marks of whoever asks, nobody else's."""
        actor, ask = house.actor(), parse(AskInk, request.args.to_dict())
        with house.store.read() as session:
            meetings.expect_may(session, actor, meeting_id, May.TAKE_PART)
            member = meetings.member_of(session, meeting_id, actor.person_id)
            if member is None:
                raise Refusal("forbidden")
            return ok(service.ink_since(session, member.id, ask.since).model_dump(mode="json"))

    return routes
