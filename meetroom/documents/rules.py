"""Pure rules of papers: which steps a paper can take, how a receipt moves on, what an upload may be called."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from meetroom.errors import Refusal

# The steps that not every state allows. A new version may follow any state: it also ends a withdrawal.
STEPS = {"withdraw": {"queued", "rendering", "ready", "refused", "on_paper"}, "retry": {"refused"}}
RECEIPT_ORDER = ("announced", "first_page", "complete", "opened", "withdrawn")
HEADER_WITHIN = 1024  # bytes; readers accept a PDF header anywhere in them (PDF Reference 1.7, implementation note 13)
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
OFFICE = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"{\\rtf")  # OOXML and OpenDocument; Word, Excel, PowerPoint 97; RTF
NAME_LENGTH = 80
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # control and direction characters


@dataclass(frozen=True)
class Receipt:
    """How far a version of a paper has come on one tablet; `held`: the pages there, page 1 the lowest bit."""

    version: int
    state: str
    held: int

    @property
    def pages(self) -> int:
        return self.held.bit_count()


def bits(held: str) -> int:
    """A set of pages as it is told (hexadecimal bytes, lowest first) as one number."""
    return int.from_bytes(bytes.fromhex(held), "little")


def spelled(held: int) -> str:
    """The same the other way round."""
    return held.to_bytes((held.bit_length() + 7) // 8, "little").hex()


def shown(state: str, withdrawn: bool) -> str:
    """The state people see: a withdrawal hides how far the pages are."""
    return "withdrawn" if withdrawn else state


def expect(step: str, state: str) -> None:
    """Raises Refusal `wrong_state` when a paper in this (shown) state cannot take the step."""
    if state not in STEPS[step]:
        raise Refusal("wrong_state", {"state": state})


def expect_no_secret(secrecy: str, *, has_file: bool) -> None:
    """Raises Refusal `state_secret`: what is one has no file here, at no time."""
    if secrecy != "open" and has_file:
        raise Refusal("state_secret")


def changed(pages: Iterable[str], before: Collection[str] | None) -> list[bool]:
    """Which pages (by the hash of their image) the version before had not; none when there was none. A page that only moved
    has not changed."""
    return [before is not None and page not in before for page in pages]


def advance(old: Receipt | None, told: Receipt, *, version: int, page_count: int, ready: int, withdrawn: bool) -> Receipt | None:
    """The receipt after a tablet told `told` about a paper in `version`; None when that changes nothing.

    Within a version it only moves forward, and what a tablet says is cut down to what can be: nobody holds pages that are not
    `ready`. While the paper is withdrawn only its deletion from the tablet counts; once it is restored the receipt starts anew.
    """
    if told.version != version or withdrawn != (told.state == "withdrawn"):
        return None
    if old is not None and (old.version != version or (old.state == "withdrawn" and not withdrawn)):
        old = None
    if withdrawn:
        new = Receipt(version, "withdrawn", 0)
    else:
        held = told.held & ((1 << ready) - 1) | (old.held if old else 0)
        possible = _possible(told.state, held, page_count)
        state = max(possible, old.state if old else "announced", key=RECEIPT_ORDER.index)
        new = Receipt(version, state, held)
    return new if new != old else None


def _possible(state: str, held: int, page_count: int) -> str:
    """Nothing is complete while pages are missing, or seen while there are none."""
    if state == "complete" and held.bit_count() < page_count:
        state = "first_page"
    if not held or (state == "first_page" and not held & 1):
        return "announced"
    return state


def is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:HEADER_WITHIN]


def kind_of(head: bytes) -> str | None:
    """What a file is by its first bytes, whatever its name says: `pdf`, `picture`, `office` (or another archive), or None."""
    if is_pdf(head):
        return "pdf"
    if head.startswith(PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture"
    return "office" if head.startswith(OFFICE) else None


def clean_name(name: str) -> str:
    """A file name as it may be shown and offered for download: no folders, nothing unseen, at most 80 characters with
    its ending kept."""
    name = UNSEEN.sub("", re.split(r"[/\\]", name)[-1]).strip()
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 8:
        return name[:NAME_LENGTH].strip()
    return f"{stem[: NAME_LENGTH - len(ending) - 1].strip()}{dot}{ending}"
