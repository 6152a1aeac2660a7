"""Encoders and players over HTTP, with a node that is only listened to."""

from collections.abc import Callable
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient

from meetroom.app import create_app
from meetroom.conference.orders import Link
from signaling import whip
from signaling.turn import Turn
from tests.signaling.process import Process, link
from tests.sitting import Sitting

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
TURN = Turn(("turn:hop.vn:3478?transport=tcp",), "secret", 60, clock=lambda: 1000.0)


class Http:
    """The web process as encoders see it."""

    def __init__(self, process: Process) -> None:
        self.process, self.sitting = process, process.sitting
        self.sessions = whip.Sessions(process.house, process.media, TURN)
        app = create_app(process.house)
        app.register_blueprint(whip.blueprint(self.sessions))
        self.client: FlaskClient = app.test_client()
        self.sitting.door.publish = self._follow
        self.meeting, self.point = self.sitting.meeting, self.sitting.points["tanlap"]

    def _follow(self, stream: int, entries: Any) -> None:
        self.process.media.follow(stream, entries)
        self.sessions.follow(stream, entries)

    def ingest(self) -> tuple[str, str]:
        """Path and token of the point's encoder."""
        made = self.sitting.technician("point.ingest", point_id=self.point)
        return made["path"], made["token"]

    def egress(self) -> tuple[str, str]:
        made = self.sitting.secretary("conference.egress")
        return made["path"], made["token"]

    def post(self, path: str, token: str, body: str | bytes = OFFER, kind: str = "application/sdp", **headers: str) -> Any:
        given = {"Authorization": f"Bearer {token}", "Content-Type": kind, **headers}
        return self.client.post(path, data=body, headers=given)

    def to(self, method: str, path: str, token: str, body: str = "", **headers: str) -> Any:
        given = {"Authorization": f"Bearer {token}", **headers}
        return self.client.open(path, method=method, data=body, headers=given)


@pytest.fixture
def http(sitting: Sitting) -> Http:
    return Http(Process(sitting))


def test_an_encoder_is_its_points_machine(http: Http) -> None:
    path, token = http.ingest()
    machine = http.process.join("s1", "tanlap")
    made = http.post(path, token)
    assert (made.status_code, made.mimetype, made.text) == (201, "application/sdp", "v=0")
    assert made.headers["Location"].startswith(f"/whip/{http.meeting}/{http.point}/")
    assert made.headers["Link"].startswith('<turn:hop.vn:3478?transport=tcp>; rel="ice-server"; username="4600:')
    assert http.process.signalled("taken") == ["s1"]
    [peer] = http.process.planned()
    assert peer != machine
    [asked] = http.process.asked
    assert asked[2]["sdp"] == OFFER and asked[2]["sources"] == {} and asked[2]["peer"] == peer
    http.process.reported(peer, "connected")
    assert link(http.sitting, "tanlap") == Link.GOOD
    assert http.to("DELETE", made.headers["Location"], token).status_code == 200
    gevent.sleep(0)
    assert not http.process.planned() and link(http.sitting, "tanlap") == Link.ABSENT
    assert http.to("DELETE", made.headers["Location"], token).status_code == 404


def test_a_player_gets_the_stage_and_nothing_else(http: Http) -> None:
    http.process.join("s1", "tanlap")
    http.process.join("s2", "anhoa")
    path, token = http.egress()
    assert http.post(path, token).status_code == 201
    player = http.process.plan()["peers"][-1]
    assert player["stage"] is not None and player["gallery"] == [] and not player["heard"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_methods_of_later_versions_are_refused(http: Http, method: str) -> None:
    for path in (f"/whip/{http.meeting}/{http.point}", f"/whip/{http.meeting}/{http.point}/abc", f"/whep/{http.meeting}"):
        assert http.to(method, path, "any").status_code == 405


def test_who_has_no_token_gets_nothing(http: Http) -> None:
    (whip_path, whip_token), (whep_path, whep_token) = http.ingest(), http.egress()
    anhoa = f"/whip/{http.meeting}/{http.sitting.points['anhoa']}"
    http.sessions.wrong = whip.Attempts(100, 1)
    for path, token in (
        (whip_path, "wrong"), (whip_path, whep_token), (whep_path, whip_token), (anhoa, whip_token), (whip_path, ""),
        ("/whip/999/999", whip_token), (f"/whip/999/{http.point}", whip_token), ("/whep/999", whep_token),
    ):  # fmt: skip
        refused = http.post(path, token)
        assert (refused.status_code, refused.json["error"]["code"]) == (401, "bad_token"), path
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert http.client.post(whip_path, data=OFFER, content_type="application/sdp").status_code == 401
    basic = http.post(whip_path, whip_token, Authorization=f"Basic {whip_token}")
    assert basic.status_code == 401 and not http.process.planned()


def test_guessing_is_slowed_down(http: Http) -> None:
    path, token = http.ingest()
    answers = [http.post(path, "wrong").status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    late = http.post(path, token)
    assert late.status_code == 429 and late.headers["Retry-After"]


def test_a_token_makes_so_many_offers_a_minute(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    path, token = http.ingest()
    http.sessions.offers = whip.Attempts(2, 1)
    assert [http.post(path, token).status_code for _ in range(3)] == [201, 201, 429]
    assert len(http.process.planned()) == 1


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (OFFER, "application/json", 415, "invalid"),
        (b"\xff\xfe", "application/sdp", 422, "bad_sdp"),
        (b"", "application/sdp", 422, "bad_sdp"),
        ("v" * 70_000, "application/sdp", 413, "too_large"),
    ],
)
def test_what_is_no_offer(http: Http, body: str | bytes, kind: str, status: int, code: str) -> None:
    path, token = http.ingest()
    refused = http.post(path, token, body, kind)
    assert (refused.status_code, refused.json["error"]["code"]) == (status, code)
    assert not http.process.planned() and not http.sessions.by_id


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ({"ok": False, "error": {"code": "bad_sdp"}}, 422, "bad_sdp"),
        ({"ok": False, "error": {"code": "not_planned"}}, 409, "not_planned"),
    ],
)
def test_what_a_node_refuses(http: Http, answer: Any, status: int, code: str) -> None:
    path, token = http.ingest()
    http.process.answer = answer
    refused = http.post(path, token)
    assert (refused.status_code, refused.json["error"]["code"]) == (status, code)
    assert not http.process.planned()


def test_without_a_node_it_is_told_to_come_back(http: Http) -> None:
    path, token = http.ingest()
    http.process.gone("node")
    refused = http.post(path, token)
    assert (refused.status_code, refused.json["error"]["code"]) == (503, "no_node")
    assert refused.headers["Retry-After"]


def test_a_locked_conference_is_locked_for_encoders_and_players(http: Http) -> None:
    (whip_path, whip_token), (whep_path, whep_token) = http.ingest(), http.egress()
    assert http.post(whep_path, whep_token).status_code == 201
    http.sitting.chair("conference.lock", locked=True)
    for path, token in ((whip_path, whip_token), (whep_path, whep_token)):
        refused = http.post(path, token)
        assert (refused.status_code, refused.json["error"]["code"]) == (403, "locked")


@pytest.mark.parametrize(
    "revoke",
    [
        lambda http: http.sitting.technician("point.ingest_end", point_id=http.point),
        lambda http: http.sitting.technician("point.ingest", point_id=http.point),
        lambda http: http.sitting.secretary("point.remove", point_id=http.point),
    ],
)
def test_a_revoked_token_ends_what_it_opened(http: Http, revoke: Callable[[Http], None]) -> None:
    path, token = http.ingest()
    location = http.post(path, token).headers["Location"]
    player_path, player_token = http.egress()
    http.post(player_path, player_token)
    assert len(http.process.planned()) == 2
    revoke(http)
    gevent.sleep(0)
    assert len(http.process.planned()) == 1 and len(http.sessions.by_id) == 1
    assert http.post(path, token).status_code == 401
    assert http.to("DELETE", location, token).status_code == 401
    http.sitting.secretary("conference.egress_end")
    assert not http.process.planned() and not http.sessions.by_id


def test_an_encoder_that_fell_silent_is_gone(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("signaling.peers.time.monotonic", lambda: clock[0])
    path, token = http.ingest()
    http.post(path, token)
    [peer] = http.process.planned()
    for state, seconds, there in (("connected", 29, True), ("connected", 29, True), ("lost", 0.5, True), ("lost", 2, False)):
        http.process.reported(peer, state)
        clock[0] += seconds
        http.process.media.sweep()
        assert bool(http.process.planned()) is there, (state, clock)
    location = http.post(path, token).headers["Location"]
    [peer] = http.process.planned()
    http.process.reported(peer, "closed")
    assert not http.process.planned()
    assert http.to("DELETE", location, token).status_code == 200


def test_candidates_found_later(http: Http) -> None:
    path, token = http.ingest()
    made = http.post(path, token)
    where, tag, kind = made.headers["Location"], made.headers["ETag"], "application/trickle-ice-sdpfrag"
    fragment = "a=ice-ufrag:x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"

    def patch(**headers: str) -> int:
        status: int = http.to("PATCH", where, token, fragment, **headers).status_code
        return status

    assert patch(**{"Content-Type": kind, "If-Match": tag}) == 204
    assert patch(**{"Content-Type": kind, "If-Match": '"other"'}) == 412
    assert patch(**{"Content-Type": kind, "If-Match": "*"}) == 422  # a restart
    assert patch(**{"Content-Type": kind}) == 428
    assert patch(**{"Content-Type": "application/sdp", "If-Match": tag}) == 415
    assert http.to("PATCH", where, "wrong", fragment, **{"Content-Type": kind, "If-Match": tag}).status_code == 401


def test_players_are_counted(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whip, "PLAYERS", 2)
    path, token = http.egress()
    first = http.post(path, token)
    assert [http.post(path, token).status_code for _ in range(2)] == [201, 429]
    http.to("DELETE", first.headers["Location"], token)
    assert http.post(path, token).status_code == 201


HEADERS: list[dict[str, str]] = [
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer " + "x" * 7000},
    {"Authorization": "Bearer \xff\xfe\x80"},
    {"Authorization": "bearer TOKEN", "Content-Type": "application/sdp; charset=\xff", "If-Match": '"' * 50},
    {"Authorization": "Bearer TOKEN", "Content-Type": "application/sdp", "Content-Length": "0"},
    {"Authorization": "Bearer TOKEN", "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": 'W/"x", *, ,'},
    {"Authorization": "Bearer TOKEN", "Content-Type": "application/sdp", "Origin": "https://elsewhere.example"},
]


@pytest.mark.parametrize("headers", HEADERS)
def test_junk_is_refused_and_disturbs_nobody(http: Http, headers: dict[str, str]) -> None:
    path, token = http.ingest()
    session = http.post(path, token).headers["Location"]
    http.sessions.wrong = whip.Attempts(1000, 1)
    given = {name: value.replace("TOKEN", token) for name, value in headers.items()}
    for method in ("POST", "PATCH", "DELETE", "OPTIONS", "PUT"):
        for where in (path, f"{path}/../..", f"{session}x", f"/whep/{2**70}", "/whep/-1", "/whip/1/2/3/4", "/whip/%00/1"):
            status = http.client.open(where, method=method, data=b"\x00\xff", headers=given).status_code
            assert status < 500, (method, where, status)
    assert http.to("DELETE", session, token).status_code == 200
