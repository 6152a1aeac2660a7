"""People over HTTP: signing in and out, where the cookie lives, and looking into a spreadsheet before it is taken over."""

import io
from datetime import UTC, datetime

from flask import Blueprint, Response, request, send_file

from meetroom import journal
from meetroom.access import Actor, May, may
from meetroom.errors import Refusal
from meetroom.http import COOKIE, House, json_body, ok
from meetroom.people import importing, sessions, sheets
from meetroom.people.service import person_view
from meetroom.wire import local_date


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
            token, expires = sessions.begin(session, person.id, now=datetime.now(UTC), hours=house.session_hours, device=device)
        return house.sign_in(ok({"person": person_view(person).model_dump(mode="json")}), token, expires)

    @routes.post("/api/logout")
    def logout() -> Response:
        with house.store.write() as session:
            sessions.end(session, request.cookies.get(COOKIE))
        response = ok()
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return response

    @routes.post("/api/people/preview")
    def preview() -> Response:
        """The body is an XLSX or CSV file → ImportPreview. Nothing has changed yet; `person.import` takes the sheet over."""
        actor, now = administrator(), datetime.now(UTC)
        if request.content_length is None:
            raise Refusal("invalid", [{"field": "Content-Length", "problem": "missing"}])
        if request.content_length > sheets.FILE_BYTES:
            raise Refusal("too_large", {"limit": sheets.FILE_BYTES})
        data = request.get_data(cache=False)
        rows = sheets.read(data)
        sheet, _ = house.blobs.put(io.BytesIO(data), sheets.FILE_BYTES)
        assert actor.person_id is not None  # nobody else manages the house over HTTP
        with house.store.write() as session:
            importing.remember(session, actor.person_id, sheet, rows, now)
        with house.store.read() as session:
            return ok(importing.preview(session, sheet, rows, local_date(now)).model_dump(mode="json"))

    @routes.get("/api/people/template.xlsx")
    def template() -> Response:
        """An example of a sheet, to fill in."""
        administrator()
        name = "danh-sach.xlsx"
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return send_file(io.BytesIO(sheets.template()), mimetype=kind, as_attachment=True, download_name=name)

    def administrator() -> Actor:
        actor = house.actor()
        with house.store.read() as session:
            if not may(house.door.roles(session, actor, journal.HOUSE), May.MANAGE_HOUSE):
                raise Refusal("forbidden")
        return actor

    return routes
