"""What the routes of all nouns share: the house they serve, who is asking, and the shape of an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, g, jsonify, request
from sqlalchemy.orm import Session

from meetroom.access import Actor
from meetroom.door import Door
from meetroom.errors import Refusal
from meetroom.store.blobs import Blobs
from meetroom.store.engine import Store

COOKIE = "meetroom"


@dataclass(frozen=True)
class House:
    """One server's parts and limits, put together by an entry point. `identify(session, token, now)` says whose
    session a cookie is. `url`: as people reach the server, without a slash at the end."""

    store: Store
    door: Door
    blobs: Blobs
    identify: Callable[[Session, str | None, datetime], Actor | None]
    pages: Path
    url: str
    session_hours: int = 12
    login_attempts: int = 10
    login_window_minutes: int = 15
    recordings: Path = Path("recordings")
    box_port: int = 8444
    upload_bytes: int = 50_000_000
    keep_days: int = 30

    def actor(self) -> Actor:
        """Who sent this request, by its session cookie. Raises Refusal `login`."""
        if "actor" not in g:
            with self.store.read() as session:
                g.actor = self.identify(session, request.cookies.get(COOKIE), datetime.now(UTC))
        actor: Actor | None = g.actor
        if actor is None:
            raise Refusal("login")
        return actor

    def sign_in(self, response: Response, token: str, expires: datetime) -> Response:
        """Hand the session's token to the browser, out of reach of scripts and other sites."""
        response.set_cookie(COOKIE, token, expires=expires, secure=True, httponly=True, samesite="Lax", path="/")
        return response


def ok(result: Any = None) -> Response:
    """The answer of a route that did what was asked, in the same shape as a command's."""
    return jsonify({"ok": True, "result": result})


def json_body() -> dict[str, Any]:
    """The request's JSON object. Raises Refusal `invalid`."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal("invalid", [{"field": "", "problem": "json"}])
    return body
