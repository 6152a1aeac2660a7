"""Encoders and players over HTTP: ingest by WHIP (RFC 9725), egress of the stage by WHEP (draft-ietf-wish-whep).

One request brings an offer and gets the answer; the session it makes is ended by DELETE, by revoking its token, or by the
node when nothing comes through for a while. A session is a participant like any other: an encoder is its point's
machine, a player looks on. Who asks is known by the bearer token alone; a cookie is not looked at.
"""

import hmac
import secrets
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pydantic import ValidationError
from sqlalchemy.orm import Session as Database
from werkzeug.exceptions import MethodNotAllowed, UnsupportedMediaType

from meetroom.conference import media as tokens
from meetroom.conference.schema import IceServer, MediaOffer
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.people.sessions import Attempts
from signaling.media_nodes import MediaNodes
from signaling.turn import Turn

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
OFFER_BYTES, FRAGMENT_BYTES = 64 * 1024, 4 * 1024
OFFERS_PER_MINUTE = 60  # with one token; an encoder that fails tries again every second or two
PLAYERS = 50  # of one meeting at a time
RESERVED = ("GET", "HEAD", "PUT")  # for later versions of the protocols
TOKEN_EVENTS = ("point.", "conference.")


@dataclass
class Session:
    """What one offer has made. `point_id` null: a player. `token`: the hash of the one it was made with."""

    id: str
    meeting_id: int
    point_id: int | None
    token: str
    peer: str
    etag: str


class Sessions:
    """All encoders and players of this process."""

    def __init__(self, house: House, media: MediaNodes, turn: Turn) -> None:
        self.house, self.media, self.turn = house, media, turn
        self.by_id: dict[str, Session] = {}
        self.wrong = Attempts(house.login_attempts, house.login_window_minutes)
        self.offers = Attempts(OFFERS_PER_MINUTE, 1)

    def begin(self, meeting_id: int, point_id: int | None) -> tuple[Session, str]:
        """From the request at hand; returns the session and the answer. Raises Refusal."""
        token = self.authorise(meeting_id, point_id)
        self.offers.refuse_too_many(token)
        self.offers.failed(token)
        text = _body(SDP, OFFER_BYTES)
        self._forget_the_ended()
        players = sum(one.meeting_id == meeting_id and one.point_id is None for one in self.by_id.values())
        if point_id is None and players >= PLAYERS:
            raise Refusal("rate_limited", {"retry_after": 60})
        peer = self.media.join(None, meeting_id=meeting_id, person_id=0, point_id=point_id, gallery=0)
        try:
            answer = self.media.offer(None, MediaOffer(meeting_id=meeting_id, peer=peer, sdp=text)).sdp
        except (Refusal, ValidationError) as error:
            self.media.leave(None, peer)
            raise error if isinstance(error, Refusal) else Refusal("bad_sdp") from None
        session = Session(secrets.token_urlsafe(16), meeting_id, point_id, token, peer, secrets.token_hex(8))
        self.by_id[session.id] = session
        return session, answer

    def authorise(self, meeting_id: int, point_id: int | None) -> str:
        """The hash of the bearer token, which is that point's or that meeting's. Raises Refusal `bad_token`, and the same
        for what does not exist; `rate_limited` after too many wrong ones."""
        key = f"address:{request.remote_addr}"
        self.wrong.refuse_too_many(key)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        shown = tokens.hashed(token.strip())
        with self.house.store.read() as database:
            wanted = wanted_token(database, meeting_id, point_id)
        if scheme.lower() != "bearer" or wanted is None or not hmac.compare_digest(shown, wanted):
            self.wrong.failed(key)
            raise Refusal("bad_token")
        return shown

    def find(self, meeting_id: int, point_id: int | None, session_id: str) -> Session:
        """The session the request at hand is about. Raises Refusal `bad_token`, `not_found`."""
        token = self.authorise(meeting_id, point_id)
        session = self.by_id.get(session_id)
        if session is None or (session.meeting_id, session.point_id, session.token) != (meeting_id, point_id, token):
            raise Refusal("not_found")
        return session

    def end(self, session: Session) -> None:
        self.by_id.pop(session.id, None)
        if session.peer in self.media.peers.by_id:  # else it was ended by the node, or another machine took its place
            self.media.leave(None, session.peer)

    def follow(self, stream: int, entries: list[Entry]) -> None:
        """A token was revoked or replaced: what it opened is closed."""
        here = [session for session in self.by_id.values() if session.meeting_id == stream]
        if here and any(entry.name.startswith(TOKEN_EVENTS) for entry in entries):
            with self.house.store.read() as database:
                ended = [one for one in here if wanted_token(database, stream, one.point_id) != one.token]
            for session in ended:
                self.end(session)

    def _forget_the_ended(self) -> None:
        self.by_id = {id: one for id, one in self.by_id.items() if one.peer in self.media.peers.by_id}


def wanted_token(database: Database, meeting_id: int, point_id: int | None) -> str | None:
    if point_id is None:
        return tokens.egress(database, meeting_id)
    return tokens.ingest(database, meeting_id, point_id)


def blueprint(sessions: Sessions) -> Blueprint:
    routes = Blueprint("whip", __name__)

    @routes.post("/whip/<int:meeting_id>/<int:point_id>")
    @routes.post("/whep/<int:meeting_id>")
    def begin(meeting_id: int, point_id: int | None = None) -> Response:
        """An offer → 201 with the answer; Location is the session."""
        session, answer = sessions.begin(meeting_id, point_id)
        response = Response(answer, 201, mimetype=SDP)
        response.headers["Location"] = f"{request.path}/{session.id}"
        response.headers["Accept-Patch"] = FRAGMENT
        response.set_etag(session.etag)
        for server in sessions.turn.servers(session.peer):
            for url in server.urls:
                response.headers.add("Link", _link(url, server))
        return response

    @routes.delete("/whip/<int:meeting_id>/<int:point_id>/<session_id>")
    @routes.delete("/whep/<int:meeting_id>/<session_id>")
    def end(meeting_id: int, session_id: str, point_id: int | None = None) -> Response:
        sessions.end(sessions.find(meeting_id, point_id, session_id))
        return Response(status=200)

    @routes.patch("/whip/<int:meeting_id>/<int:point_id>/<session_id>")
    @routes.patch("/whep/<int:meeting_id>/<session_id>")
    def trickle(meeting_id: int, session_id: str, point_id: int | None = None) -> Response:
        """Candidates that were found after the offer. The node needs none of them: it answers whoever proves by a check
        to know its password (ICE-lite). Credentials of a restart need another offer and are refused."""
        session = sessions.find(meeting_id, point_id, session_id)
        _body(FRAGMENT, FRAGMENT_BYTES)
        if not request.headers.get("If-Match"):
            return Response(status=428)
        if request.if_match.star_tag:
            return Response(status=422)
        return Response(status=204 if request.if_match.contains(session.etag) else 412)

    @routes.route("/whip/<path:_any>", methods=RESERVED)
    @routes.route("/whep/<path:_any>", methods=RESERVED)
    def reserved(_any: str) -> Response:
        raise MethodNotAllowed(["POST", "PATCH", "DELETE"])

    @routes.after_request
    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if response.status_code in (429, 503):
            response.headers.setdefault("Retry-After", "5")
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _body(kind: str, limit: int) -> str:
    """The request's text. Raises Refusal `too_large`, `bad_sdp`, and UnsupportedMediaType."""
    if request.mimetype != kind:
        raise UnsupportedMediaType
    if (request.content_length or 0) > limit:
        raise Refusal("too_large", {"limit": limit})
    data = request.stream.read(limit + 1)  # it may come without a length
    if len(data) > limit:
        raise Refusal("too_large", {"limit": limit})
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refusal("bad_sdp") from None


def _link(url: str, server: IceServer) -> str:
    """RFC 9725, 4.6: how an encoder reaches the node if UDP is blocked."""
    credentials = f'username="{server.username}"; credential="{server.credential}"; credential-type="password"'
    return f'<{url}>; rel="ice-server"; {credentials}'
