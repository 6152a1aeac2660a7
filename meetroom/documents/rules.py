"""Pure rules of papers: which steps a paper can take, how a receipt moves on, what an upload may be called."""

import re
from dataclasses import dataclass

from meetroom.errors import Refusal

# The steps that not every state allows. A new version may follow any state: it also ends a withdrawal.
STEPS = {"withdraw": {"queued", "rendering", "ready", "refused"}, "retry": {"refused"}}
RECEIPT_ORDER = ("announced", "first_page", "complete", "opened", "withdrawn")
HEADER_WITHIN = 1024  # bytes; readers accept a PDF header anywhere in them (PDF Reference 1.7, implementation note 13)
NAME_LENGTH = 80
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # control and direction characters


@dataclass(frozen=True)
class Receipt:
    """How far a version of a paper has come on one tablet, with the number of pages it holds."""

    version: int
    state: str
    pages: int


def shown(state: str, withdrawn: bool) -> str:
    """The state people see: a withdrawal hides how far the pages are."""
    return "withdrawn" if withdrawn else state


def expect(step: str, state: str) -> None:
    """Raises Refusal `wrong_state` when a paper in this (shown) state cannot take the step."""
    if state not in STEPS[step]:
        raise Refusal("wrong_state", {"state": state})


def readable(state: str) -> bool:
    """Whether people may see the pages there are."""
    return state not in ("refused", "withdrawn")


def advance(old: Receipt | None, told: Receipt, *, version: int, page_count: int, withdrawn: bool) -> Receipt | None:
    """The receipt after a tablet told `told` about a paper in `version`; None when that changes nothing.

    Within a version it only moves forward, and what a tablet says is cut down to what can be. While the paper is
    withdrawn only its deletion from the tablet counts; once it is restored the receipt starts anew.
    """
    if told.version != version or withdrawn != (told.state == "withdrawn"):
        return None
    if old is not None and (old.version != version or (old.state == "withdrawn" and not withdrawn)):
        old = None
    if withdrawn:
        new = Receipt(version, "withdrawn", 0)
    else:
        pages = max(min(told.pages, page_count), old.pages if old else 0)
        state = max(_possible(told.state, pages, page_count), old.state if old else "announced", key=RECEIPT_ORDER.index)
        new = Receipt(version, state, pages)
    return new if new != old else None


def _possible(state: str, pages: int, page_count: int) -> str:
    """Nothing is complete while pages are missing, or seen while there are none."""
    if pages == 0:
        return "announced"
    return "first_page" if state == "complete" and pages < page_count else state


def is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:HEADER_WITHIN]


def clean_name(name: str) -> str:
    """A file name as it may be shown and offered for download: no folders, nothing unseen, at most 80 characters with
    its ending kept."""
    name = UNSEEN.sub("", re.split(r"[/\\]", name)[-1]).strip()
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 8:
        return name[:NAME_LENGTH].strip()
    return f"{stem[: NAME_LENGTH - len(ending) - 1].strip()}{dot}{ending}"
