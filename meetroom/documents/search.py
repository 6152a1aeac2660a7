"""Searching the papers of a meeting: the same words with and without diacritics, in what the asker may read."""

import json
import zlib
from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from meetroom.access import Viewer
from meetroom.documents import readers
from meetroom.documents.schema import FoundPage, FoundPages, Snippet
from meetroom.documents.tables import PageText, Paper, PaperPage, PaperVersion
from meetroom.people.rules import fold
from meetroom.store.blobs import Blobs
from meetroom.store.tables import all_of

LEAST = 2  # letters: shorter words are everywhere
MOST_PAGES = 40  # one answer is a list to look through, and the web process has other things to do
MOST_ON_PAGE = 20
BEFORE, AFTER = 7, 12  # words around a place, for a list
TEXT_BYTES = 4_000_000  # no page has more words


def search(session: Session, blobs: Blobs, viewer: Viewer, meeting_id: int, query: str) -> FoundPages:
    """Pages of the versions that are shown, paper by paper as they were added. Too few letters find nothing."""
    asked = " ".join(fold(query).split())
    shown = _shown(session, viewer, meeting_id) if len(asked) >= LEAST else {}
    if not shown:
        return FoundPages(pages=(), more=False)
    one_of = or_(*(and_(PageText.paper_id == paper, PageText.version == version) for paper, version in shown.items()))
    rows = (
        select(PageText.paper_id, PageText.number, PaperPage.text)
        .join(
            PaperPage,
            and_(
                PaperPage.paper_id == PageText.paper_id,
                PaperPage.version == PageText.version,
                PaperPage.number == PageText.number,
            ),
        )
        .where(one_of, *(PageText.folded.contains(word, autoescape=True) for word in asked.split()))
        .order_by(PageText.paper_id, PageText.number)
    )
    found: list[FoundPage] = []
    for paper_id, number, text in session.execute(rows):
        snippets = tuple(_snippets(_words(blobs, text["sha256"]), asked)) if text else ()
        if not snippets:
            continue
        if len(found) == MOST_PAGES:
            return FoundPages(pages=tuple(found), more=True)
        found.append(FoundPage(paper_id=paper_id, page=number, snippets=snippets))
    return FoundPages(pages=tuple(found), more=False)


def _shown(session: Session, viewer: Viewer, meeting_id: int) -> dict[int, int]:
    """Of each paper that may be read, the version that tablets show: the newest that has a page."""
    readable = [paper.id for paper in all_of(session, Paper, meeting_id) if readers.may_read(session, viewer, paper)]
    query = select(PaperVersion.paper_id, PaperVersion.number).where(PaperVersion.paper_id.in_(readable), PaperVersion.ready > 0)
    return {row.paper_id: row.number for row in session.execute(query.order_by(PaperVersion.number))}


def _words(blobs: Blobs, sha256: str) -> list[str]:
    layer = json.loads(zlib.decompressobj().decompress(blobs.path(sha256).read_bytes(), TEXT_BYTES))
    return [word for line in layer["lines"] for _, _, word in line["words"]]


def _snippets(words: Sequence[str], asked: str) -> list[Snippet]:
    return [
        Snippet(
            before=" ".join(words[max(0, first - BEFORE) : first]),
            words=" ".join(words[first : last + 1]),
            after=" ".join(words[last + 1 : last + 1 + AFTER]),
        )
        for first, last in find(words, asked)
    ]


def find(words: Sequence[str], asked: str) -> list[tuple[int, int]]:
    """Where the words asked for (folded, single blanks) begin a word of these: from and to, at most MOST_ON_PAGE. The same rule
    as on the tablet (web/src/documents/find.ts)."""
    text = fold(" ".join(words))
    found: list[tuple[int, int]] = []
    at = text.find(asked)
    while at >= 0 and len(found) < MOST_ON_PAGE:
        if not (at and text[at - 1].isalnum()):
            first = text.count(" ", 0, at)
            found.append((first, first + asked.count(" ")))
        at = text.find(asked, at + 1)
    return found
