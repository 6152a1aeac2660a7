"""Signing in and out over HTTP, where the cookie lives."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from meetroom.errors import Refusal
from meetroom.http import COOKIE, House, json_body, ok
from meetroom.people import sessions
from meetroom.people.service import person_view


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("people", __name__)
    attempts = sessions.Attempts(house.login_attempts, house.login_window_minutes)

    @routes.post("/api/login")
    def login() -> Response:
        """`{username, password}` → the person, and a new session (an old one of this browser ends)."""
        body = json_body()
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str) or len(password) > 200 or len(username) > 60:
            raise Refusal("bad_login")
        keys = (f"name:{username.strip().lower()}", f"address:{request.remote_addr}")
        attempts.refuse_too_many(*keys)
        try:
            with house.store.read() as session:
                person = sessions.check_password(session, username, password)
        except Refusal:
            attempts.failed(*keys)
            raise
        with house.store.write() as session:
            sessions.end(session, request.cookies.get(COOKIE))
            device = request.headers.get("User-Agent", "")
            token, expires = sessions.begin(
                session, person.id, now=datetime.now(UTC), hours=house.session_hours, device=device
            )
        return house.sign_in(ok({"person": person_view(person).model_dump(mode="json")}), token, expires)

    @routes.post("/api/logout")
    def logout() -> Response:
        with house.store.write() as session:
            sessions.end(session, request.cookies.get(COOKIE))
        response = ok()
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return response

    return routes
