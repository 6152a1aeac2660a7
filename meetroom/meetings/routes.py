"""Where meetings need HTTP: who am I, the card of a seat, pairing a tablet to it."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from meetroom import journal
from meetroom.access import May, may
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import COOKIE, House, json_body, ok
from meetroom.meetings import presence, record, seats
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import AskHallCode, FindPeople, HallCode, Role
from meetroom.meetings.tables import Member
from meetroom.people import service as people
from meetroom.people import sessions
from meetroom.people.schema import PersonView
from meetroom.wire import local_date, utc

FOUND = 30  # people one search shows; more, and one writes another word


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("meetings", __name__)
    attempts = sessions.Attempts(house.login_attempts, house.login_window_minutes)
    record.add_routes(routes, house)

    @routes.get("/api/me")
    def me() -> Response:
        """The person signed in and their meetings, newest first."""
        actor = house.actor()
        with house.store.read() as session:
            person: PersonView = people.person_view(people.load_person(session, actor.person_id or 0))
            mine = meetings.meetings_of(session, person.id)
            listed = [
                {**meetings.meeting_view(meeting).model_dump(mode="json"), "role": member.role, "point_id": member.point_id}
                for meeting, member in mine
                if actor.seat_of in (None, meeting.id)
            ]
            grants = meetings.roles(session, actor, journal.HOUSE)
        return ok({
            "person": person.model_dump(mode="json"),
            "meetings": listed,
            "seat_of": actor.seat_of,
            "may_create": may(grants, May.CREATE_MEETING),
            "may_manage": may(grants, May.MANAGE_HOUSE),
            "keep_days": house.keep_days,
        })  # fmt: skip

    @routes.get("/api/people")
    def find_people() -> Response:
        """`?meeting_id=&q=` → up to 30 people whose name or unit matches, for those who prepare that meeting."""
        actor, ask = house.actor(), parse(FindPeople, request.args.to_dict())
        with house.store.read() as session:
            meetings.expect_may(session, actor, ask.meeting_id, May.PREPARE_MEETING)
            day = local_date(meetings.load(session, ask.meeting_id).starts_at)
            found = people.search(session, ask.q, day=day, limit=FOUND)
        return ok([person.model_dump(mode="json") for person in found])

    @routes.post("/api/pair")
    def pair() -> Response:
        """`{code}` → whose seat it is, for the person to confirm; nothing has changed yet."""
        return ok(_seat(_by_code(json_body().get("code"))))

    @routes.post("/api/pair/confirm")
    def confirm() -> Response:
        """`{code}` → this browser is the seat's: a session for that meeting only, which ends when it closes."""
        member = _by_code(json_body().get("code"))
        with house.store.write() as session:
            sessions.end(session, request.cookies.get(COOKIE))
            token, expires = sessions.begin(
                session,
                member.person_id,
                now=datetime.now(UTC),
                hours=house.session_hours,
                device=request.headers.get("User-Agent", ""),
                meeting_id=member.meeting_id,
            )
        return house.sign_in(ok(_seat(member)), token, expires)

    @routes.get("/api/qr/<code>")
    def qr(code: str) -> Response:
        """The QR code of a seat's address, as an SVG image for the card to print."""
        house.actor()
        if len(code) != 6 or not code.isdigit():
            raise Refusal("not_found")
        return Response(seats.qr_svg(f"{house.url}/seat?code={code}"), mimetype="image/svg+xml")

    @routes.get("/api/meetings/<int:meeting_id>/hall-code")
    def hall_code(meeting_id: int) -> Response:
        """`?minutes=` → HallCode. A wall has the short one, for its screen; who runs the meeting may print one for the day."""
        actor, ask = house.actor(), parse(AskHallCode, request.args.to_dict())
        with house.store.read() as session:
            meeting = meetings.load(session, meeting_id)
            mine = meetings.roles(session, actor, meeting_id)
            if not (may(mine, May.RUN_MEETING) or (Role.WALL in mine and ask.minutes <= AskHallCode().minutes)):
                raise Refusal("forbidden" if mine else "not_found")
            code, expires = presence.hall_code(meeting, ask.minutes, datetime.now(UTC))
        svg = seats.qr_svg(f"{house.url}/m/{meeting_id}/here?code={code}").decode()
        return ok(HallCode(code=code, svg=svg, expires_at=expires).model_dump(mode="json"))

    def _by_code(code: object) -> Member:
        key = f"address:{request.remote_addr}"
        attempts.refuse_too_many(key)
        try:
            if not isinstance(code, str):
                raise Refusal("bad_code")
            with house.store.read() as session:
                return seats.member_by_code(session, code, datetime.now(UTC))
        except Refusal:
            attempts.failed(key)
            raise

    def _seat(member: Member) -> dict[str, object]:
        with house.store.read() as session:
            meeting = meetings.load(session, member.meeting_id)
            return {
                "meeting_id": meeting.id,
                "meeting_title": meeting.title,
                "body": meeting.body,
                "place": meeting.place,
                "starts_at": utc(meeting.starts_at),
                "full_name": member.full_name,
                "position": member.position,
                "unit": member.unit,
                "group": member.group,
                "seat": member.seat,
                "votes": member.votes,
            }

    return routes
