"""Composition root of the web process: HTTP, sockets, publishing, deadlines and media nodes around one house."""

import json
import resource
import secrets
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import gevent
import structlog
from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO
from gevent import pywsgi
from socketio.packet import Packet

from meetroom.app import create_app
from meetroom.http import House
from meetroom.journal import Entry
from meetroom.people import sessions as logins
from signaling import metrics, websocket, whip
from signaling.box import BoxLink
from signaling.commands import listen
from signaling.deadlines import Deadlines
from signaling.media_nodes import MediaNodes, understood
from signaling.metrics import Metrics
from signaling.pointing import Pointers
from signaling.publish import Publisher
from signaling.sessions import Sockets, presence_room
from signaling.turn import NO_TURN, Turn
from signaling.whip import Sessions

log = structlog.get_logger()
EVENT_BYTES = 64 * 1024
UNREAD_LIMIT = 2000  # packets waiting for a client that does not read; then it is disconnected
MEDIA = "/media"


class Letters:
    """JSON with real letters: escaped, Vietnamese takes twice the bytes."""

    loads = staticmethod(json.loads)
    dumps = staticmethod(partial(json.dumps, ensure_ascii=False))


class Text(Packet):  # type: ignore[misc]
    """Everything here is text: looking for bytes in each message costs as much as writing it."""

    uses_binary_events = False


class WebProcess:
    """Everything the web process does; its publisher listens to the house's door."""

    def __init__(
        self, house: House, media_token: str, turn: Turn = NO_TURN, metrics_token: str = "", box: Path | None = None
    ) -> None:
        self.house = house
        self.app: Flask = create_app(house)
        websocket.install()
        self.io = SocketIO(
            self.app,
            async_mode="gevent",
            transports=["websocket"],
            max_http_buffer_size=EVENT_BYTES,
            ping_interval=10,
            ping_timeout=10,
            manage_session=False,
            json=Letters,
            serializer=Text,
            cors_allowed_origins=None,
            always_connect=False,
        )
        self.sockets = Sockets(house)
        self.media = MediaNodes(house, secret=media_token, call=self._call_node, tell=self._tell_node, signal=self.signal)
        self.deadlines = Deadlines(house)
        self.box = BoxLink(house, box, self.tell) if box is not None else None
        self.publisher = Publisher(house.store, self._emit, self._after)
        house.door.publish = self.publisher.publish
        self.pointers = Pointers(house.store, self._emit, self.sockets.count)
        listen(self.io, house, self.sockets, self.media, self.pointers, turn)
        self.whip = Sessions(house, self.media, turn)
        self.app.register_blueprint(whip.blueprint(self.whip))
        self.metrics = Metrics(house, self.sockets, self.media)
        house.door.watch = self.metrics.command
        self.app.register_blueprint(metrics.blueprint(self.metrics, metrics_token))
        self._listen_to_nodes(media_token)

    def start(self) -> None:
        """Begin the process's own work; everything runs in greenlets."""
        self.deadlines.start()
        if self.box is not None:
            self.box.start()
        gevent.spawn(self.publisher.run)
        gevent.spawn(self._every_second)
        self.media.start()

    def signal(self, sid: str, meeting_id: int, name: str, body: Any) -> None:
        """Something that is not journalled, to one browser."""
        self.io.emit("signal", {"meeting_id": meeting_id, "name": name, "body": body}, to=sid)

    def tell(self, meeting_id: int, name: str, body: Any) -> None:
        """Something that is not journalled, to everybody in a meeting."""
        self.io.emit("signal", {"meeting_id": meeting_id, "name": name, "body": body}, to=presence_room(meeting_id))

    def _emit(self, name: str, data: Any, room: str | list[str]) -> None:
        self.io.emit(name, data, to=room)

    def _after(self, stream: int, entries: list[Entry]) -> None:
        people = {json.loads(entry.body)["member"]["person_id"] for entry in entries if entry.name == "member.changed"}
        if people:
            with self.house.store.read() as session:
                for socket, left, joined in self.sockets.refresh(session, stream, people):
                    for room in left:
                        self.io.server.leave_room(socket.sid, room, namespace="/")
                    for room in joined:
                        self.io.server.enter_room(socket.sid, room, namespace="/")
                    self.signal(socket.sid, stream, "resync", None)
        self.metrics.published(entries)
        self.deadlines.follow(stream, entries)
        if self.box is not None:
            self.box.follow(entries)
        self.media.follow(stream, entries)
        self.whip.follow(stream, entries)

    def _every_second(self) -> None:
        seconds = 0
        while True:
            gevent.sleep(1)
            seconds += 1
            try:
                for meeting_id in list(self.sockets.changed):
                    self.sockets.changed.discard(meeting_id)
                    body = {"members": self.sockets.present(meeting_id)}
                    message = {"meeting_id": meeting_id, "name": "presence", "body": body}
                    self.io.emit("signal", message, to=presence_room(meeting_id))
                for sid in self.sockets.signed_out():
                    self.io.server.disconnect(sid)
                self.media.sweep()
                self._drop_the_unreading()
                if seconds % 60 == 0:
                    with self.house.store.write() as session:
                        logins.expire(session, datetime.now(UTC))
            except Exception:
                log.exception("housekeeping failed")

    def _drop_the_unreading(self) -> None:
        """A client that does not read must not fill the memory: its queue ends, and with it the connection."""
        for eio_sid, socket in list(self.io.server.eio.sockets.items()):
            if socket.queue.qsize() > UNREAD_LIMIT:
                log.warning("client does not read, disconnected")
                self.io.server.eio.disconnect(eio_sid)

    # --- media nodes ---

    def _listen_to_nodes(self, token: str) -> None:
        media, io = self.media, self.io

        def connect(auth: Any = None) -> None:
            shown = auth.get("token") if isinstance(auth, dict) else None
            if not isinstance(shown, str) or not secrets.compare_digest(shown, token):
                raise ConnectionRefusedError("token")

        def disconnect(*_reason: Any) -> None:
            media.node_gone(request.sid)  # type: ignore[attr-defined]

        def told(event: str, handle: Callable[[str, Any], Any]) -> None:
            """Below Flask, as the events of browsers are: nodes say a lot. One message may hold several of a kind; the answer
            is to the first."""

            def answer(sid: str, data: Any = None, *more: Any) -> Any:
                first = understood(lambda d: handle(sid, d), data)
                for one in more:
                    understood(lambda d: handle(sid, d), one)
                return first

            io.server.on(event, handler=answer, namespace=MEDIA)

        io.on_event("connect", connect, namespace=MEDIA)
        io.on_event("disconnect", disconnect, namespace=MEDIA)
        told("hello", media.hello)
        told("slots", media.slots)
        told("sending", media.sending)
        told("report", media.report)
        told("recorded", media.recordings.recorded)
        told("load", media.nodes.report)
        told("uplink.offer", media.uplink)

    def _call_node(self, sid: str, event: str, data: Any, timeout: float) -> Any:
        from socketio.exceptions import TimeoutError as Unanswered

        try:
            return self.io.server.call(event, data, to=sid, namespace=MEDIA, timeout=timeout)
        except Unanswered:
            raise TimeoutError from None

    def _tell_node(self, sid: str, event: str, data: Any) -> None:
        self.io.emit(event, data, to=sid, namespace=MEDIA)


def raise_file_limit() -> None:
    """Every tablet is an open file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def https(app: Flask, address: tuple[str, int], certificate: Path, key: Path) -> pywsgi.WSGIServer:
    """The HTTPS server, and a context that takes up a renewed certificate."""
    # A device that does not know our authority yet ends its handshake: nothing to report, and it happens all day.
    gevent.hub.Hub.NOT_ERROR = (*gevent.hub.Hub.NOT_ERROR, ssl.SSLError)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    server = pywsgi.WSGIServer(address, app, log=None, error_log=None, ssl_context=context, backlog=1024)
    server.certificate = context
    return server
