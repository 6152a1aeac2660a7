"""Signing in and out: sessions live on the server, and end there at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from meetroom.http import COOKIE, House
from meetroom.people import sessions
from meetroom.people.tables import LoginSession
from tests.people.conftest import PASSWORD, Browser
from tests.sitting import START, Sitting


def open_sessions(house: House) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.count()).select_from(LoginSession)) or 0


def test_a_session_is_from_login_to_logout(browser: Browser, house: House) -> None:
    assert browser.status("/api/me") == 401
    assert browser.login("hanh") == 200
    me = browser.get("/api/me", base_url="https://localhost").json["result"]
    assert me["person"]["full_name"] == "Nguyễn Thị Hồng Hạnh" and not me["may_manage"]
    assert browser.post("/api/logout", base_url="https://localhost").status_code == 200
    assert browser.status("/api/me") == 401
    assert open_sessions(house) == 0


def test_the_cookie_is_out_of_reach_and_only_its_hash_is_stored(browser: Browser, house: House) -> None:
    answer = browser.post("/api/login", json={"username": "HANH ", "password": PASSWORD}, base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))
    token = re.match(rf"{COOKIE}=([^;]+)", cookie)
    assert token is not None
    with house.store.read() as session:
        assert token[1] not in session.scalars(select(LoginSession.token)).one()


def test_signing_in_again_ends_the_session_before(browser: Browser, house: House) -> None:
    browser.login("hanh")
    stolen = browser.get_cookie(COOKIE)
    browser.login("bao")
    assert open_sessions(house) == 1
    assert stolen is not None
    browser.set_cookie(COOKIE, stolen.value, secure=True)
    assert browser.status("/api/me") == 401


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("hanh", "sai-mat-khau"),
        ("khong-co-ai", PASSWORD),
        ("wall", PASSWORD),  # an account without a password
        ("wall", ""),
        ("hanh", "x" * 201),
        ("h" * 61, PASSWORD),
        ("hanh", None),
        (None, PASSWORD),
        (["hanh"], {"a": 1}),
    ],
)
def test_who_is_not_known_learns_nothing(browser: Browser, username: object, password: object) -> None:
    answer = browser.post("/api/login", json={"username": username, "password": password}, base_url="https://localhost")
    assert (answer.status_code, answer.json) == (401, {"ok": False, "error": {"code": "bad_login", "detail": None}})


def test_after_too_many_attempts_even_the_right_password_waits(browser: Browser) -> None:
    for _ in range(3):
        assert browser.login("hanh", "sai-mat-khau") == 401
    answer = browser.post("/api/login", json={"username": "hanh", "password": PASSWORD}, base_url="https://localhost")
    assert answer.status_code == 429
    assert 0 < answer.json["error"]["detail"]["retry_after"] <= 15 * 60
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    order = {"username": "hanh", "password": PASSWORD}
    assert browser.post("/api/login", json=order, base_url="https://localhost", environ_overrides=elsewhere).status_code == 429
    order = {"username": "bao", "password": PASSWORD}
    assert browser.post("/api/login", json=order, base_url="https://localhost", environ_overrides=elsewhere).status_code == 200


@pytest.mark.parametrize("command", ["person.set_active", "person.set_password"])
def test_a_session_ends_with_the_account_or_its_password(browser: Browser, sitting: Sitting, command: str) -> None:
    browser.login("hanh")
    change = {"active": False} if command == "person.set_active" else {"password": "mat-khau-moi"}
    sitting.do("admin", command, person_id=sitting.people["hanh"], **change)
    assert browser.status("/api/me") == 401
    assert browser.login("hanh") == 401


def test_a_password_is_nowhere_in_the_journal_and_its_change_is(browser: Browser, sitting: Sitting) -> None:
    sitting.do("admin", "person.set_password", person_id=sitting.people["hanh"], password="mat-khau-moi")
    entry = sitting.published[-1]
    assert (entry.command, entry.name) == ("person.set_password", "person.changed")
    assert "mat-khau-moi" not in entry.body and "argon2" not in entry.body
    assert browser.login("hanh", "mat-khau-moi") == 200


def test_a_session_is_over_when_its_time_is(sitting: Sitting) -> None:
    with sitting.store.write() as session:
        token, expires = sessions.begin(session, sitting.people["hanh"], now=START, hours=12, device="")
    assert expires == START + timedelta(hours=12)
    with sitting.store.read() as session:
        actor = sessions.actor(session, token, expires - timedelta(seconds=1))
        assert actor is not None and actor.person_id == sitting.people["hanh"]
        assert sessions.actor(session, token, expires) is None
    with sitting.store.write() as session:
        sessions.expire(session, expires)
        assert not session.scalars(select(LoginSession)).all()


@pytest.mark.parametrize("token", [None, "", "x", "Đ" * 50, "a" * 10_000])
def test_no_token_is_nobody(sitting: Sitting, token: str | None) -> None:
    with sitting.store.read() as session:
        assert sessions.actor(session, token, START) is None


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://localhost.elsewhere.example"])
def test_a_page_of_another_site_may_not_sign_anybody_in(browser: Browser, origin: str) -> None:
    order = {"username": "hanh", "password": PASSWORD}
    answer = browser.post("/api/login", json=order, base_url="https://localhost", headers={"Origin": origin})
    assert answer.status_code == 403
