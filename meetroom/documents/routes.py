"""Papers over HTTP: files come in here, page images and originals go out. Whoever asks is checked at every request."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from flask import Blueprint, Response, request, send_file

from meetroom.access import May
from meetroom.documents import readers, rules, search, service, versions
from meetroom.documents.schema import OnePaper, SearchPapers, Upload
from meetroom.documents.tables import Paper
from meetroom.door import parse
from meetroom.errors import Refusal
from meetroom.http import House, ok
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting
from meetroom.store.tables import find

MEDIA_TYPES = {"image": "image/webp", "text": "application/octet-stream", "manifest": "application/json"}
# A tablet may keep a page for a day, for the person of this cookie: a shared tablet's next person must ask anew.
BLOB_HEADERS = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Cookie", "X-Content-Type-Options": "nosniff"}


def blueprint(house: House) -> Blueprint:
    routes = Blueprint("documents", __name__)

    @routes.post("/api/uploads")
    def upload() -> Response:
        """Keep a file for `paper.add` or `paper.replace`. `?meeting_id=`: the meeting it is meant for. The body is the
        file itself, its name percent-encoded in X-Filename. Answers Upload."""
        actor, meeting = house.actor(), parse(OneMeeting, request.args.to_dict())
        with house.store.read() as session:
            meetings.expect_may(session, actor, meeting.meeting_id, May.PREPARE_MEETING)
        assert actor.person_id is not None  # nobody else may prepare
        body = io.BufferedReader(cast(io.RawIOBase, request.stream), 1 << 16)
        if not rules.kind_of(body.peek(rules.HEADER_WITHIN)[: rules.HEADER_WITHIN]):
            raise Refusal("not_a_paper")
        sha256, size = house.blobs.put(body, house.upload_bytes)
        name = rules.clean_name(unquote(request.headers.get("X-Filename", "")))
        with house.store.write() as session:
            service.remember_upload(session, actor.person_id, name, sha256, size, datetime.now(UTC))
        return ok(Upload(sha256=sha256, size=size, filename=name).model_dump(mode="json"))

    @routes.get("/b/<sha256>")
    def blob(sha256: str) -> Response:
        """A page image, text layer or manifest, for those who may read a paper that has it. The hash alone opens nothing."""
        actor = house.actor()
        with house.store.read() as session:
            kind = readers.blob_kind(session, actor, sha256)
        response = send_file(house.blobs.path(sha256), mimetype=MEDIA_TYPES[kind], etag=sha256)
        response.headers.update(BLOB_HEADERS)
        return response

    @routes.get("/api/meetings/<meeting_id>/search")
    def search_papers(meeting_id: str) -> Response:
        """`?q=`: words to look for in all papers that the asker may read. Answers FoundPages."""
        actor, order = house.actor(), parse(SearchPapers, {"meeting_id": meeting_id, **request.args.to_dict()})
        with house.store.read() as session:
            meetings.expect_may(session, actor, order.meeting_id, May.SEE_MEETING)
            viewer = meetings.viewer(session, actor, order.meeting_id)
            found = search.search(session, house.blobs, viewer, order.meeting_id, order.q)
        return ok(found.model_dump(mode="json"))

    @routes.get("/api/meetings/<meeting_id>/papers/<paper_id>/original")
    def original(**address: str) -> Response:
        """The file as it was brought, as a download: what strangers made is never shown by the browser itself."""
        actor, order = house.actor(), parse(OnePaper, address)
        with house.store.read() as session:
            meetings.expect_may(session, actor, order.meeting_id, May.PREPARE_MEETING)
            paper = find(session, Paper, order.meeting_id, order.paper_id)
            version = versions.newest(session, paper)
        if version is None:
            raise Refusal("not_found")
        return _download(house, version.file, version.filename or f"{paper.id}.pdf")

    @routes.get("/api/meetings/<meeting_id>/papers/<paper_id>/copy")
    def copy(**address: str) -> Response:
        """The paper as a PDF in which nothing is active, for whoever may read it; `not_found` until it is made.
        `forbidden` where pages bear the reader's name: this file bears none. Who prepares the meeting has the original anyway."""
        actor, order = house.actor(), parse(OnePaper, address)
        with house.store.read() as session:
            viewer = meetings.viewer(session, actor, order.meeting_id)
            paper = find(session, Paper, order.meeting_id, order.paper_id)
            version = versions.newest(session, paper)
            if version is None or version.pdf is None or not readers.may_read(session, viewer, paper):
                raise Refusal("not_found")
            if readers.names_reader(session, paper) and not viewer.may(May.PREPARE_MEETING):
                raise Refusal("forbidden")
        return _download(house, version.pdf, f"{Path(version.filename or str(paper.id)).stem}.pdf")

    return routes


def _download(house: House, sha256: str, name: str) -> Response:
    path = house.blobs.path(sha256)
    return send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name, etag=sha256)
