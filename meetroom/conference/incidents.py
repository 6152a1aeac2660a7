"""The incident log of a conference, read from its journal: what failed, when, and for how long."""

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from meetroom.conference.orders import Incident, IncidentKind
from meetroom.journal import Entry
from meetroom.store.engine import Store
from meetroom.wire import VIETNAM

COMMANDS = ("point.report", "conference.report", "recording.report")
PAGE = 500
Away = dict[tuple[str, int], tuple[datetime | None, str]]  # since when a point or a meeting's node is lost, and which node
BOM = "\ufeff"  # Excel takes a file without it for the system's old code page


def entries(store: Store, meeting_id: int) -> Iterator[Entry]:
    """Everything the log is made of, oldest first. Others have their turn between two pages."""
    since = 0
    query = select(Entry).where(Entry.stream == meeting_id, Entry.command.in_(COMMANDS)).order_by(Entry.seq).limit(PAGE)
    while True:
        with store.read() as session:
            page = session.scalars(query.where(Entry.seq > since)).all()
        yield from page
        if len(page) < PAGE:
            return
        since = page[-1].seq
        time.sleep(0)


def incidents(journal: Iterable[Entry]) -> Iterator[Incident]:
    """Oldest first. An event carries the whole noun; what has happened is its difference from the one before it."""
    before: dict[tuple[str, int], dict[str, Any]] = {}
    away: Away = {}
    for entry in journal:
        noun, body = next(iter(json.loads(entry.body).items()))
        key = noun, body["id"]
        match noun:
            case "point":
                last = before.get(key, {"link": "absent", "quality": "high"})
                if body["link"] not in ("good", "weak"):
                    body["quality"] = last["quality"]  # it is sent nothing, and afterwards what it was
                yield from _point(entry, last, body, away)
            case "conference":
                yield from _node(entry, before.get(key, {"node": ""}), body, away)
            case "recording" if body["problem"]:
                about = f"{body['id']}"
                yield Incident(at=entry.at, kind=IncidentKind.RECORDING_FAILED, about=about, problem=body["problem"])
        before[key] = body


def _point(entry: Entry, before: dict[str, Any], now: dict[str, Any], away: Away) -> Iterator[Incident]:
    key, was, link = ("point", now["id"]), before["link"], now["link"]
    if link != was:
        since, _ = away.pop(key, (None, "")) if link != "lost" else (None, "")
        kind = IncidentKind(
            {"lost": "lost", "absent": "left"}.get(link) or {"lost": "back", "absent": "joined"}.get(was) or link  # weak, good
        )
        if kind == IncidentKind.LOST:
            away[key] = entry.at, ""
        seconds = (entry.at - since).total_seconds() if since is not None else None
        yield Incident(at=entry.at, kind=kind, about=now["name"], seconds=seconds)
    if now["quality"] != before["quality"]:
        steps = {"from_": before["quality"], "to": now["quality"], "reason": now["reason"]}
        yield Incident(at=entry.at, kind=IncidentKind.QUALITY, about=now["name"], **steps)


def _node(entry: Entry, before: dict[str, Any], now: dict[str, Any], away: Away) -> Iterator[Incident]:
    key = "node", now["id"]
    if before["node"] and not now["node"]:
        away[key] = entry.at, before["node"]
        yield Incident(at=entry.at, kind=IncidentKind.NODE_LOST, about=before["node"])
    elif now["node"] != before["node"] and (before["node"] or key in away):
        since, was = away.pop(key, (None, before["node"]))
        seconds = (entry.at - since).total_seconds() if since is not None else None
        moved = {"from_": was, "to": now["node"]} if was != now["node"] else {}
        kind = IncidentKind.NODE_CHANGED if moved else IncidentKind.NODE_BACK
        yield Incident(at=entry.at, kind=kind, about=now["node"], seconds=seconds, **moved)


HEADERS = {
    "vi": ("Thời gian", "Đối tượng", "Sự việc", "Chi tiết", "Kéo dài (giây)"),
    "en": ("Time", "About", "Incident", "Details", "Duration (seconds)"),
}
KINDS: dict[str, dict[IncidentKind, str]] = {
    "vi": {
        IncidentKind.JOINED: "Vào họp",
        IncidentKind.LOST: "Mất kết nối",
        IncidentKind.BACK: "Kết nối lại",
        IncidentKind.WEAK: "Đường truyền yếu",
        IncidentKind.GOOD: "Đường truyền ổn định trở lại",
        IncidentKind.LEFT: "Rời cuộc họp",
        IncidentKind.QUALITY: "Đổi mức hình",
        IncidentKind.NODE_LOST: "Mất máy chủ hình và tiếng",
        IncidentKind.NODE_BACK: "Máy chủ hình và tiếng trở lại",
        IncidentKind.NODE_CHANGED: "Chuyển sang máy chủ khác",
        IncidentKind.RECORDING_FAILED: "Bản ghi bị gián đoạn",
    },
    "en": {
        IncidentKind.JOINED: "Joined",
        IncidentKind.LOST: "Connection lost",
        IncidentKind.BACK: "Connected again",
        IncidentKind.WEAK: "Weak link",
        IncidentKind.GOOD: "Link good again",
        IncidentKind.LEFT: "Left",
        IncidentKind.QUALITY: "Other picture quality",
        IncidentKind.NODE_LOST: "Media server lost",
        IncidentKind.NODE_BACK: "Media server back",
        IncidentKind.NODE_CHANGED: "Moved to another media server",
        IncidentKind.RECORDING_FAILED: "Recording interrupted",
    },
}
DETAILS = {
    "vi": {
        "high": "hình rõ", "mid": "hình mức vừa", "low": "hình nhỏ", "stills": "ảnh chụp", "audio": "chỉ có tiếng",
        "page": "chỉ lật trang", "down": "đường truyền về điểm cầu yếu", "up": "đường gửi từ điểm cầu yếu",
        "limit": "kỹ thuật giới hạn", "disk_full": "ổ đĩa máy chủ đầy", "disk_error": "ổ đĩa máy chủ bị lỗi",
        "node_lost": "máy chủ hình và tiếng dừng giữa chừng", "empty": "không có hình và tiếng nào để ghi",
        "no_recorder": "chưa có máy chủ hình và tiếng nào ghi được", "internal": "lỗi phần mềm",
    },
    "en": {
        "high": "sharp picture", "mid": "medium picture", "low": "small picture", "stills": "stills", "audio": "sound only",
        "page": "pages only", "down": "weak link to the point", "up": "weak link from the point",
        "limit": "limited by the technician", "disk_full": "the server's disk is full", "disk_error": "the server's disk failed",
        "node_lost": "the media server stopped on the way", "empty": "there was no picture or sound to record",
        "no_recorder": "no media server could record", "internal": "software fault",
    },
}  # fmt: skip


def spreadsheet(rows: Iterable[Incident], language: str) -> str:
    """The log as CSV for Excel: UTF-8 with its mark, moments in Viet Nam's time, headers in `vi` or `en`."""
    file = io.StringIO()
    file.write(BOM)
    table = csv.writer(file)
    table.writerow(HEADERS[language])
    for row in rows:
        at = row.at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")
        seconds = "" if row.seconds is None else round(row.seconds)
        table.writerow([at, _plain(row.about), KINDS[language][row.kind], _plain(_details(row, language)), seconds])
    return file.getvalue()


def _details(row: Incident, language: str) -> str:
    words = DETAILS[language]
    steps = " → ".join(words.get(step, step) for step in (row.from_, row.to) if step)
    return "; ".join(words.get(part, part) for part in (steps, row.reason, row.problem) if part)


def _plain(text: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
