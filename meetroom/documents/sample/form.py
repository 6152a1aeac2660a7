"""What every sample paper has, after the layout of Decree 30/2020/NĐ-CP."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from meetroom.documents.sample import tables
from meetroom.documents.sample.markup import Annex, Block


class Signature(NamedTuple):
    """`body` "TM. ỦY BAN NHÂN DÂN", `office` "CHỦ TỊCH", the name, and to whom copies go."""

    body: str
    office: str
    name: str
    copies: tuple[str, ...]


class Paper(NamedTuple):
    """`issuer` above and below, the printed number, the day, the kind in capitals, what it is about; `signature` none
    for what belongs to another paper; `annexes` of a wanted number of pages, or of more."""

    issuer: tuple[str, str]
    number: str
    day: str
    kind: str
    about: str
    body: list[Block]
    signature: Signature | None
    annexes: Callable[[int], Iterator[Annex]]
    draft: bool = False


def projects(named: str) -> Callable[[int], Iterator[Annex]]:
    return partial(tables.project_annexes, named=named, seed="2027")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
