"""The versions of a paper: a new file, the pages the worker makes of it, and how all that looks to readers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from meetroom.documents import jobs, rules
from meetroom.documents.schema import (
    Access,
    Blob,
    ImageView,
    Manifest,
    PageView,
    PaperState,
    PaperView,
    ReportPages,
    Secrecy,
    TocEntry,
    VersionView,
)
from meetroom.documents.tables import Job, PageText, Paper, PaperBlob, PaperPage, PaperVersion, Upload
from meetroom.door import Call
from meetroom.errors import Refusal
from meetroom.people.rules import fold

Pages = Mapping[int, PageView]


def newest(session: Session, paper: Paper) -> PaperVersion | None:
    """None: it is only on paper."""
    return session.get(PaperVersion, (paper.id, paper.version))


def begin(call: Call, paper: Paper, sha256: str) -> None:
    """A new version. Raises Refusal `no_such_upload` for a file that somebody else brought, or nobody."""
    upload = call.session.get(Upload, (sha256, call.person_id))
    if upload is None:
        raise Refusal("no_such_upload")
    paper.version += 1
    paper.withdrawn, paper.added_at = False, call.now
    call.session.add(paper)
    call.session.flush()
    version = PaperVersion(
        paper_id=paper.id,
        number=paper.version,
        file=upload.sha256,
        filename=upload.filename,
        size=upload.size,
        added_at=call.now,
        added_by=call.person_id,
    )
    call.session.add(version)
    prepare(call.session, paper, version)


def prepare(session: Session, paper: Paper, version: PaperVersion) -> None:
    """Have the worker make the pages from the beginning."""
    version.state, version.reason = PaperState.QUEUED, None
    session.flush()
    drop_pages(session, version)
    payload = {"meeting_id": paper.meeting_id, "paper_id": paper.id, "version": version.number}
    session.add(Job(kind=jobs.FIRST_PAGE, payload=payload))


def drop_pages(session: Session, version: PaperVersion) -> None:
    version.page_count, version.ready, version.manifest, version.pdf, version.toc = 0, 0, None, None, []
    for table in (PaperPage, PaperBlob, PageText):
        session.execute(delete(table).where(table.paper_id == version.paper_id, table.version == version.number))


def refuse(session: Session, version: PaperVersion, reason: str) -> bool:
    """The file cannot be shown; pages made so far go. False when that comes too late."""
    if version.state not in (PaperState.QUEUED, PaperState.RENDERING):
        return False
    drop_pages(session, version)
    version.state, version.reason = PaperState.REFUSED, reason
    return True


def take_over(session: Session, version: PaperVersion, order: ReportPages) -> bool:
    """What the worker has made. False when nothing is new in it, or what it continues is not there (any more)."""
    if version.state == PaperState.REFUSED or order.first > version.ready + 1:
        return False
    rows = {row.number: row for row in _rows(session, version.paper_id, version.number)}
    pages = compared(session, version, order.pages)
    kept = [_keep(session, version, rows.get(number), number, page) for number, page in enumerate(pages, order.first)]
    for number, text in enumerate(order.texts, order.first):
        session.merge(PageText(paper_id=version.paper_id, version=version.number, number=number, folded=fold(text)))
    fresh = any(kept) or (order.done and version.state != PaperState.READY)
    if order.manifest is not None and version.manifest != order.manifest.sha256:
        _use(session, version, "manifest", order.manifest)
        version.manifest, fresh = order.manifest.sha256, True
    if not fresh:
        return False
    version.ready = max(version.ready, order.first + len(pages) - 1)
    version.page_count = order.page_count
    version.toc = [entry.model_dump() for entry in order.toc] if order.toc is not None else version.toc
    version.state = PaperState.READY if order.done or version.state == PaperState.READY else PaperState.RENDERING
    return True


def compared(session: Session, version: PaperVersion, pages: Iterable[PageView]) -> list[PageView]:
    """The same pages, those marked that the version before had not."""
    earlier = select(PaperPage.version, PaperPage.sha256).where(PaperPage.paper_id == version.paper_id)
    before: dict[int, set[str]] = defaultdict(set)
    for number, sha256 in session.execute(earlier.where(PaperPage.version < version.number)):
        before[number].add(sha256)
    pages = list(pages)
    marks = rules.changed((page.image.sha256 for page in pages), before[max(before)] if before else None)
    return [page.model_copy(update={"changed": mark}) for page, mark in zip(pages, marks, strict=True)]


def page_views(session: Session, paper_id: int, version: int) -> list[PageView]:
    """The pages prepared so far, whoever may read them."""
    return [_page_view(row) for row in _rows(session, paper_id, version)]


def manifest(session: Session, version: PaperVersion, more: Pages, page_count: int, toc: Sequence[TocEntry] | None) -> Manifest:
    """What lists the version's pages once `more` (by number) are among them, put in place of those that are there."""
    pages = dict(enumerate(page_views(session, version.paper_id, version.number), 1))
    fresh = zip(more, compared(session, version, more.values()), strict=True)
    pages |= {number: _merged(pages.get(number), page) for number, page in fresh}
    return Manifest(
        paper_id=version.paper_id,
        version=version.number,
        page_count=page_count,
        pages=tuple(pages[number] for number in sorted(pages)),
        toc=tuple(TocEntry.model_validate(entry) for entry in version.toc) if toc is None else tuple(toc),
    )


def _rows(session: Session, paper_id: int, version: int) -> list[PaperPage]:
    query = select(PaperPage).where(PaperPage.paper_id == paper_id, PaperPage.version == version)
    return list(session.scalars(query.order_by(PaperPage.number)))


def _merged(old: PageView | None, new: PageView) -> PageView:
    """What a page was and what came besides: a report that says less takes nothing away."""
    if old is None:
        return new
    later = {name: value for name, value in new if value is not None and (name != "links" or value)}
    return old.model_copy(update=later)


def _keep(session: Session, version: PaperVersion, row: PaperPage | None, number: int, page: PageView) -> bool:
    """False when nothing of it is new."""
    old = _page_view(row) if row is not None else None
    page = _merged(old, page)
    if page == old:
        return False
    if row is None:
        row = PaperPage(paper_id=version.paper_id, version=version.number, number=number)
        session.add(row)
    for name, value in page.image.model_dump().items():
        setattr(row, name, value)
    for name, value in page.model_dump(exclude={"image"}).items():
        setattr(row, name, list(value) if name == "links" else value)
    for image in (page.image, page.large, *(page.tiles.images if page.tiles else ())):
        if image is not None:
            _use(session, version, "image", image)
    if page.text is not None:
        _use(session, version, "text", page.text)
    return True


def _use(session: Session, version: PaperVersion, kind: str, blob: Blob) -> None:
    row = PaperBlob(sha256=blob.sha256, paper_id=version.paper_id, version=version.number, kind=kind, size=blob.size)
    session.merge(row)


def _page_view(row: PaperPage) -> PageView:
    image = ImageView(sha256=row.sha256, size=row.size, width=row.width, height=row.height)
    stored = {"large": row.large, "tiles": row.tiles, "text": row.text, "links": row.links, "changed": row.changed}
    return PageView.model_validate({"image": image, **stored})


def paper_views(session: Session, papers: Sequence[Paper]) -> list[PaperView]:
    """Papers as readers see them; of a withdrawn one nothing but that it is."""
    ids = [paper.id for paper in papers]
    files: dict[int, dict[int, PaperVersion]] = defaultdict(dict)
    for version in session.scalars(select(PaperVersion).where(PaperVersion.paper_id.in_(ids))):
        files[version.paper_id][version.number] = version
    first = select(PaperPage).where(PaperPage.paper_id.in_(ids), PaperPage.number == 1)
    firsts = {(row.paper_id, row.version): _page_view(row).image for row in session.scalars(first)}
    changes: dict[tuple[int, int], tuple[int, ...]] = defaultdict(tuple)
    query = select(PaperPage.paper_id, PaperPage.version, PaperPage.number).where(PaperPage.paper_id.in_(ids), PaperPage.changed)
    for paper_id, number, page in session.execute(query.order_by(PaperPage.number)):
        changes[paper_id, number] += (page,)
    return [_paper_view(paper, files[paper.id], firsts.get((paper.id, paper.version)), changes) for paper in papers]


def _paper_view(
    paper: Paper,
    files: Mapping[int, PaperVersion],
    first: ImageView | None,
    changes: Mapping[tuple[int, int], tuple[int, ...]],
) -> PaperView:
    file = files.get(paper.version)
    shown = file if not paper.withdrawn else None
    state = rules.shown(file.state if file is not None else PaperState.ON_PAPER, paper.withdrawn)
    previous = tuple(
        VersionView(
            number=old.number,
            manifest=old.manifest,
            page_count=old.page_count,
            added_at=old.added_at,
            changed_pages=changes[paper.id, old.number],
        )
        for old in sorted(files.values(), key=lambda one: -one.number)
        if old.number < paper.version and old.manifest is not None
    )
    return PaperView(
        id=paper.id,
        item_id=paper.item_id,
        position=paper.position,
        title=paper.title,
        number=paper.number,
        version=paper.version,
        state=PaperState(state),
        reason=file.reason if file is not None and state == PaperState.REFUSED else None,
        page_count=file.page_count if file is not None else 0,
        ready=shown.ready if shown is not None else 0,
        first=first if shown is not None else None,
        manifest=shown.manifest if shown is not None else None,
        changed_pages=changes[paper.id, paper.version] if shown is not None else (),
        previous=() if paper.withdrawn else previous,
        access=Access.model_validate(paper.access),
        secrecy=Secrecy(paper.secrecy),
        size=file.size if file is not None else 0,
        added_at=paper.added_at,
    )


def paper_view(session: Session, paper: Paper) -> PaperView:
    return paper_views(session, [paper])[0]
