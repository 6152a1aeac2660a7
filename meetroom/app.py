"""The Flask app: routes of the nouns, the one HTTP slot of the door, the built front end, security headers."""

import re
from datetime import UTC, datetime

import structlog
from flask import Flask, Response, jsonify, request, send_from_directory
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from meetroom import snapshot
from meetroom.conference import routes as conference
from meetroom.documents import routes as documents
from meetroom.errors import Refusal
from meetroom.http import House, json_body, ok
from meetroom.ink import routes as ink
from meetroom.meetings import routes as meetings
from meetroom.meetings import service as meetings_service
from meetroom.people import routes as people
from meetroom.printing import routes as printing
from meetroom.voting import routes as voting
from meetroom.voting.secret import routes as secret

log = structlog.get_logger()
COMMAND_BYTES = 64 * 1024

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' wss:{box}; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Number(IntegerConverter):
    """Numbers in addresses are ids; what no id can be is no address either."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**53 - 1)


def create_app(house: House) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["int"] = Number
    app.config["MAX_CONTENT_LENGTH"] = house.upload_bytes

    @app.before_request
    def same_origin() -> None:
        """A page of another site may not act with our cookie: what changes something must come from our own pages."""
        origin = request.headers.get("Origin")
        if request.method not in ("GET", "HEAD", "OPTIONS") and origin is not None and origin.split("://")[-1] != request.host:
            raise Refusal("forbidden")

    @app.after_request
    def headers(response: Response) -> Response:
        host = re.match(r"[\w.-]+|\[[0-9a-fA-F:]+\]", request.host)  # the Box is on the same host, at another port
        box = f" https://{host[0]}:{house.box_port}" if host else ""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value.replace("{box}", box))
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(Refusal)
    def refused(no: Refusal) -> tuple[Response, int]:
        return jsonify(no.answer()), no.status

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> tuple[Response, int]:
        return refused(Refusal("too_large", {"limit": house.upload_bytes}))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[Response, int]:
        codes = {404: "not_found", 405: "not_found", 400: "invalid", 415: "invalid", 429: "rate_limited"}
        return jsonify(Refusal(codes.get(error.code or 500, "internal")).answer()), error.code or 500

    @app.errorhandler(Exception)
    def bug(_error: Exception) -> tuple[Response, int]:
        log.exception("request failed", path=request.path)
        return refused(Refusal("internal"))

    @app.post("/api/commands/<name>")
    def perform(name: str) -> tuple[Response, int]:
        """The door over HTTP: body `{"op_id", "order"}`."""
        actor = house.actor()
        if (request.content_length or 0) > COMMAND_BYTES:
            raise Refusal("too_large", {"limit": COMMAND_BYTES})
        body = json_body()
        answer, status = house.door.answer(name, body.get("order"), actor=actor, op_id=body.get("op_id"))
        return jsonify(answer), status

    @app.get("/api/sync/<int:meeting_id>")
    def sync(meeting_id: int) -> Response:
        """The same as the socket's `sync`, for programs; `?since=` a revision."""
        since = request.args.get("since", type=int)
        with house.store.read() as session:
            viewer = meetings_service.viewer(session, house.actor(), meeting_id)
            result = snapshot.sync(session, viewer, meeting_id, since, datetime.now(UTC))
        return ok(result.model_dump(mode="json", by_alias=True))

    for routes in (people, meetings, documents, ink, printing, conference, secret, voting):
        app.register_blueprint(routes.blueprint(house))

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        """The built front end; every address that is no file is the app itself, which reads the address."""
        if path.startswith("api/"):
            raise Refusal("not_found")
        if path and (house.pages / path).is_file():
            response = send_from_directory(house.pages, path)
            if path.startswith("assets/"):
                response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return response
        response = send_from_directory(house.pages, "index.html")
        response.headers["Cache-Control"] = "no-cache"
        return response

    return app
