"""Papers for tests: a small real PDF, and bringing files as the upload route does."""

import io
import json
import zlib
from functools import cache
from typing import Any

from meetroom.documents import rules, service, versions
from meetroom.documents.mupdf import pymupdf
from meetroom.documents.schema import PageView
from meetroom.documents.tables import PaperVersion
from tests.sitting import Sitting

PAGES = [{"image": {"sha256": f"{n:064x}", "width": 1600, "height": 2263, "size": 80_000 + n}} for n in range(1, 41)]
DEVICE = "00000000000000a1"


@cache
def pdf(pages: int = 1, text: str = "Kế hoạch") -> bytes:
    """A PDF with one line on each page."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        document.new_page().insert_text((100, 100), f"{text} {number}", fontsize=20)
    data: bytes = document.tobytes()
    return data


def bring(s: Sitting, data: bytes, persona: str = "secretary", filename: str = "Tờ trình.pdf") -> str:
    """A file is brought by a person; returns its hash."""
    sha256, size = s.blobs.put(io.BytesIO(data), 10**8)
    with s.store.write() as session:
        service.remember_upload(session, s.people[persona], filename, sha256, size, s.now)
    return sha256


def add(s: Sitting, data: bytes = b"%PDF-1.7 any", **order: Any) -> int:
    """The secretary adds a paper to the only item; returns its id."""
    items = s.see("secretary").items
    item = items[0].id if items else s.secretary("item.add", title="Kế hoạch đầu tư công")["id"]
    paper: int = s.secretary("paper.add", item_id=item, file=bring(s, data), **{"title": "Tờ trình", **order})["id"]
    return paper


def report(
    s: Sitting, paper: int, pages: int, count: int, *, version: int = 1, made: list[Any] = PAGES, texts: tuple[str, ...] = ()
) -> None:
    """The worker has made the first `pages` of `count` pages; `texts` are their words."""
    views = [PageView.model_validate(page) for page in made[:pages]]
    with s.store.read() as session:
        row = session.get(PaperVersion, (paper, version))
        assert row is not None
        text = versions.manifest(session, row, dict(enumerate(views, 1)), count, None).model_dump_json()
    sha256, size = s.blobs.put(io.BytesIO(text.encode()), 10**8)
    order = {"paper_id": paper, "version": version, "page_count": count, "pages": views, "done": pages == count, "texts": texts}
    s.do("worker", "paper.report_pages", meeting_id=s.meeting, **order, manifest={"sha256": sha256, "size": size})


def written(s: Sitting, paper: int, *texts: str, version: int = 1) -> None:
    """The worker has made all pages of a paper, each a line of these words, with their text layers."""
    made = []
    for number, text in enumerate(texts):
        words = [[n * 100, n * 100 + 90, word] for n, word in enumerate(text.split())]
        layer = {"lines": [{"box": [0, 0, 10_000, 200], "block": 0, "size": 150, "words": words}]}
        sha256, size = s.blobs.put(io.BytesIO(zlib.compress(json.dumps(layer).encode())), 10**8)
        made.append({**PAGES[number], "text": {"sha256": sha256, "size": size}})
    report(s, paper, len(made), len(made), version=version, made=made, texts=texts)


def held(*pages: int) -> str:
    """A set of pages as a tablet tells it."""
    return rules.spelled(sum(1 << (page - 1) for page in set(pages)))
