"""The real web process with a real media node: an encoder sends (WHIP), a player shows it (WHEP), a recording is kept."""

import asyncio
import contextlib
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from meetroom.conference.tables import Point, Recording
from meetroom.meetings.tables import Member
from meetroom.people.tables import Person
from tests.media.clients import Colour, Tone
from tests.media.driver import until
from tests.signaling.conftest import Hall
from tests.signaling.test_relay import node


def http(hall: Hall, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers, body."""
    request = urllib.request.Request(f"{hall.server.settings.local_url}{path}", body.encode() or None, headers, method=method)
    context = ssl.create_default_context(cafile=hall.server.settings.ca_certificate)
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


async def offered(hall: Hall, pc: RTCPeerConnection, made: dict[str, Any]) -> str:
    """Bring an offer to the path of a token; returns the session's address. Waits for a node to be there."""
    await pc.setLocalDescription(await pc.createOffer())
    given = {"Authorization": f"Bearer {made['token']}", "Content-Type": "application/sdp"}
    while True:
        status, headers, body = await asyncio.to_thread(http, hall, "POST", made["path"], pc.localDescription.sdp, **given)
        if status != 503:
            break
        await asyncio.sleep(0.2)
    assert status == 201, body
    await pc.setRemoteDescription(RTCSessionDescription(body.decode(), "answer"))
    return str(headers["Location"])


class Player:
    """Shows the stage; `luma` is the grey last seen, `heard` how many frames of sound came."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection()
        self.luma, self.heard = 0, 0
        self.pc.addTransceiver("video", "recvonly")
        self.pc.addTransceiver("audio", "recvonly")
        self.watching: list[asyncio.Task[None]] = []
        self.pc.on("track", lambda track: self.watching.append(asyncio.create_task(self._watch(track))))

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.luma = bytes(frame.planes[0])[0]
                else:
                    self.heard += 1


def rows(hall: Hall, table: Any) -> list[Any]:
    with hall.server.store.read() as session:
        return list(session.query(table).filter_by(meeting_id=hall.meeting))


async def conference(hall: Hall) -> None:
    server, meeting = hall.server, hall.meeting
    do = lambda command, **order: server.perform(server.secretary, command, meeting_id=meeting, **order)  # noqa: E731
    point = do("point.add", name="Xã Tân Lập")["id"]
    encoder, player = RTCPeerConnection(), Player()
    encoder.addTransceiver(Tone(440), "sendonly")
    encoder.addTransceiver(Colour(180), "sendonly")
    recording = do("recording.start")["id"]
    ingest: Any = do("point.ingest", point_id=point)
    egress: Any = do("conference.egress")
    try:
        sending = await offered(hall, encoder, ingest)
        await offered(hall, player.pc, egress)
        await until(lambda: abs(player.luma - 180) < 12)
        await until(lambda: rows(hall, Point)[0].link == "good")
        operator = await asyncio.to_thread(_operator, hall, point)
        server.perform(operator, "point.mic", meeting_id=meeting, on=True)
        await until(lambda: player.heard > 20)
        await _on_the_board(hall, point)
        do("recording.stop")
        await until(lambda: rows(hall, Recording)[0].state != "recording")
        [row] = rows(hall, Recording)
        assert (row.id, row.state, row.problem) == (recording, "ready", ""), row.problem
        assert row.bytes == (server.settings.recordings / f"{meeting}-{recording}.webm").stat().st_size > 1000
        cookie = {"Cookie": hall.delegates[0], "Range": "bytes=0-3"}
        status, headers, body = await asyncio.to_thread(http, hall, "GET", f"/api/recordings/{recording}", **cookie)
        assert (status, headers["Content-Range"], body) == (206, f"bytes 0-3/{row.bytes}", b"\x1a\x45\xdf\xa3")
        given = {"Authorization": f"Bearer {ingest['token']}"}
        assert (await asyncio.to_thread(http, hall, "DELETE", sending, **given))[0] == 200
        await until(lambda: rows(hall, Point)[0].link == "absent")
        do("conference.egress_end")
        await until(lambda: player.pc.connectionState == "closed")
    finally:
        for task in player.watching:
            task.cancel()
        await asyncio.gather(encoder.close(), player.pc.close())


async def _on_the_board(hall: Hall, point: int) -> None:
    """The technician sees the point's figures, and how busy the node is."""
    tablet = await hall.tablet(None)
    for _ in range(100):
        board = (await tablet.ask("media.board", {"meeting_id": hall.meeting}))[0]["result"]
        [node] = board["nodes"]
        if node["cores"] > 0:
            break
        await asyncio.sleep(0.2)
    assert (node["node"], node["meetings"], node["peers"]) == ("hall-1", [hall.meeting], 2)
    [shown] = board["points"]
    assert shown["point_id"] == point and shown["samples"][-1]["up_kbps"] > 0


def _operator(hall: Hall, point: int) -> int:
    """Somebody runs the point's machine."""
    with hall.server.store.write() as session:
        person = Person(full_name="Hoàng Văn Bách", house_role="none", active=True)
        session.add(person)
        session.flush()
        member = {
            "full_name": "Hoàng Văn Bách",
            "position": "",
            "unit": "",
            "role": "operator",
            "votes": False,
            "point_id": point,
        }
        session.add(Member(meeting_id=hall.meeting, person_id=person.id, **member))
        return person.id


def test_encoder_player_and_recording(hall: Hall, evening: Callable[[Callable[[Hall], Awaitable[None]]], None]) -> None:
    with node(hall.server, "hall-1", "--recordings", str(hall.server.settings.recordings)):
        evening(conference)
