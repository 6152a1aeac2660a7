"""Every event a socket may send: commands through the door, sync, and the few that concern media. One answer shape."""

import base64
import os
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO
from pydantic import Field

from meetroom.access import May, Viewer
from meetroom.conference import media as conference_media
from meetroom.conference.orders import AskBoard
from meetroom.conference.schema import Joined, MediaOffer, PeerId, ShareScreen
from meetroom.display.schema import Point
from meetroom.documents import readers
from meetroom.documents.schema import CHUNK, AskChunk, Chunk, FetchTurn
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import COOKIE, House
from meetroom.meetings import service as meetings
from meetroom.wire import Id, Order
from signaling.media_nodes import MediaNodes
from signaling.peers import place
from signaling.pointing import Pointers
from signaling.sessions import Socket, Sockets
from signaling.turn import Turn
from signaling.turns import Turns

log = structlog.get_logger()
TECHNICAL = {"house:admin", "house:technician"}  # see the meetings of every node


class AskSync(Order):
    meeting_id: Annotated[int, Field(ge=0, le=2**53 - 1)]
    since: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None


class JoinMedia(Order):
    """`peer`: the one this browser had before its socket dropped. `gallery`: thumbnails its screen has. `trial`: only to
    measure the link; nobody is shown this browser's picture but itself."""

    meeting_id: Id
    peer: PeerId | None = None
    gallery: Annotated[int, Field(ge=0, le=24)] = 8
    trial: bool = False


class ViewMedia(Order):
    peer: PeerId
    page: Annotated[int, Field(ge=0, le=100)] = 0
    gallery: Annotated[int, Field(ge=0, le=24)] = 8


class LeaveMedia(Order):
    peer: PeerId


def listen(io: SocketIO, house: House, sockets: Sockets, media: MediaNodes, pointers: Pointers, turn: Turn) -> None:
    """Put the handlers on a SocketIO server."""

    turns = Turns()

    def event(name: str) -> Callable[[Callable[[Socket, Any], Any]], None]:
        """A handler gets the socket and the data and returns the result; refusals and bugs become answers here.

        It is put on the server below Flask: nothing here needs a request, and making one costs as much as a look-up."""

        def register(handle: Callable[[Socket, Any], Any]) -> None:
            def answer(sid: str, *data: Any) -> dict[str, Any]:
                try:
                    socket = sockets.get(sid)
                    socket.spend()
                    result = handle(socket, data[0] if len(data) == 1 else None)
                except Refusal as no:
                    return no.answer()
                except Exception:
                    log.exception("socket event failed", name=name)
                    return Refusal("internal").answer()
                return {"ok": True, "result": result}

            io.server.on(name, handler=answer, namespace="/")

        return register

    def connect(_auth: Any = None) -> None:
        if sockets.connect(sid(), request.cookies.get(COOKIE)) is None:
            raise ConnectionRefusedError("login")

    def disconnect(*_reason: Any) -> None:
        sockets.disconnect(sid())
        turns.gone(sid())
        media.disconnect(sid())

    io.on_event("connect", connect)
    io.on_event("disconnect", disconnect)

    @event("command")
    def command(socket: Socket, data: Any) -> Any:
        if not isinstance(data, dict):
            raise Refusal("invalid", [{"field": "", "problem": "dict_type"}])
        answer = house.door.perform(str(data.get("name")), data.get("order"), actor=socket.actor, op_id=data.get("op_id") or "")
        return answer["result"]

    @event("sync")
    def sync(socket: Socket, data: Any) -> Any:
        ask = parse(AskSync, data)
        result = sockets.sync(socket, ask.meeting_id, ask.since, partial(io.server.enter_room, socket.sid))
        return result.model_dump(mode="json", by_alias=True)

    @event("display.point")
    def point(socket: Socket, data: Any) -> None:
        pointers.point(socket, parse(Point, data))

    @event("papers.turn")
    def fetch_turn(socket: Socket, data: Any) -> Any:
        parse(Order, data)
        granted, seconds = turns.ask(socket.sid)
        return FetchTurn(granted=granted, seconds=seconds).model_dump()

    @event("papers.chunk")
    def chunk(socket: Socket, data: Any) -> Any:
        """The same blobs as GET /b/<sha256>, for the same people."""
        ask = parse(AskChunk, data)
        with house.store.read() as session:
            readers.blob_kind(session, socket.actor, ask.sha256)
        with house.blobs.open(ask.sha256) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(min(ask.offset, size))
            return Chunk(size=size, data=base64.b64encode(file.read(CHUNK)).decode()).model_dump()

    @event("media.join")
    def join_media(socket: Socket, data: Any) -> Any:
        ask = parse(JoinMedia, data)
        viewer = looking_at(socket, ask.meeting_id)
        point_id = None if ask.trial else place(viewer)
        peer = media.join(
            socket.sid,
            meeting_id=ask.meeting_id,
            person_id=socket.actor.person_id or 0,
            point_id=point_id,
            peer=ask.peer,
            gallery=ask.gallery,
            trial=ask.trial,
            controls=viewer.may(May.CONTROL_POINTS),
        )
        return Joined(peer=peer, ice_servers=turn.servers(peer)).model_dump(mode="json")

    @event("media.offer")
    def offer(socket: Socket, data: Any) -> Any:
        return media.offer(socket.sid, parse(MediaOffer, data)).model_dump()

    @event("media.view")
    def view(socket: Socket, data: Any) -> None:
        ask = parse(ViewMedia, data)
        media.view(socket.sid, ask.peer, ask.page, ask.gallery)

    @event("media.share")
    def share(socket: Socket, data: Any) -> None:
        ask = parse(ShareScreen, data)
        viewer = looking_at(socket, media.peers.own(socket.sid, ask.peer).meeting_id)
        if not (viewer.may(May.OPERATE_POINT) or viewer.may(May.PRESENT)):
            raise Refusal("forbidden")
        media.share(socket.sid, ask.peer, ask.on)

    @event("media.board")
    def board(socket: Socket, data: Any) -> Any:
        ask = parse(AskBoard, data)
        viewer = looking_at(socket, ask.meeting_id)
        if not (viewer.may(May.CONTROL_POINTS) and viewer.may(May.READ_JOURNAL)):
            raise Refusal("forbidden")
        with house.store.read() as session:
            draining = conference_media.draining(session)
        of = None if viewer.roles & TECHNICAL else {ask.meeting_id}
        return media.boards.show(ask.meeting_id, ask.since, draining=draining, of=of).model_dump(mode="json")

    @event("media.leave")
    def leave(socket: Socket, data: Any) -> None:
        media.leave(socket.sid, parse(LeaveMedia, data).peer)

    def looking_at(socket: Socket, meeting_id: int) -> Viewer:
        """Who this is in a meeting, asked anew. Raises Refusal `not_found` to who is outside."""
        with house.store.read() as session:
            viewer = meetings.viewer(session, socket.actor, meeting_id)
        if not viewer.may(May.SEE_MEETING):
            raise Refusal("not_found")
        return viewer

    def sid() -> str:
        return str(request.sid)  # type: ignore[attr-defined]
