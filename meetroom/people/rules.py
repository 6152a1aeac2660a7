"""Pure rules of people and units: dated versions, names."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from meetroom.errors import Refusal


@dataclass(frozen=True)
class Version:
    """How a unit was named and placed during [valid_from, valid_to)."""

    name: str
    level: str
    parent_id: int | None
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def at(versions: Iterable[Version], day: date) -> Version | None:
    """The version valid on a day; None before the unit existed or after it was closed."""
    return next((v for v in versions if v.covers(day)), None)


def supersede(versions: tuple[Version, ...], new: Version) -> tuple[Version, ...]:
    """The unit is as `new` from its first day on. A version that would begin the same day is replaced.

    Raises Refusal `unit_dates` when the new one would begin before the last one did, or after the unit was closed.
    """
    last = versions[-1]
    if new.valid_from < last.valid_from or (last.valid_to is not None and new.valid_from > last.valid_to):
        raise Refusal("unit_dates")
    if new.valid_from == last.valid_from:
        return (*versions[:-1], new)
    return (*versions[:-1], replace(last, valid_to=new.valid_from), new)


def end(versions: tuple[Version, ...], day: date) -> tuple[Version, ...]:
    """The unit no longer exists from `day` on."""
    if day <= versions[-1].valid_from:
        raise Refusal("unit_dates")
    return (*versions[:-1], replace(versions[-1], valid_to=day))


def refuse_cycle(unit_id: int, parent_id: int | None, parent_of: Callable[[int], int | None]) -> None:
    """A unit may not be placed below itself. Raises Refusal `unit_cycle`."""
    while parent_id is not None:
        if parent_id == unit_id:
            raise Refusal("unit_cycle")
        parent_id = parent_of(parent_id)


def fold(text: str) -> str:
    """Text as search compares it: lower case, without diacritics, đ as d."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def matches(text: str, query: str) -> bool:
    """Every word of the query begins a word of the text, in any order: "cuong do" finds "Đỗ Văn Cường"."""
    words = fold(text).split()
    return all(any(word.startswith(asked) for word in words) for asked in fold(query).split())


TONES = "\u0300\u0301\u0303\u0309\u0323"


@lru_cache(maxsize=20_000)
def spelling(text: str) -> str:
    """Text as names are compared: case, spaces and the place of a tone mark (hoà, hòa) do not count; letters and tones do,
    for Tú, Tư and Tứ are three people, and Xã An Hòa is not Xã An Hóa."""
    words = unicodedata.normalize("NFD", text.lower()).split()
    return " ".join("".join(sorted(word, key=lambda c: c in TONES)) for word in words)


def guess_level(unit_name: str) -> str:
    """The level of a unit of which only the name is known. Tỉnh ủy, Tỉnh đoàn are bodies of a province, not provinces."""
    words = fold(unit_name).split()
    if words[:1] in (["xa"], ["phuong"]) or words[:2] == ["dac", "khu"]:
        return "commune"
    if words[:2] == ["thanh", "pho"] or (words[:1] == ["tinh"] and words[1:2] not in (["uy"], ["doan"], ["doi"])):
        return "province"
    return "body"


def by_given_name(full_name: str) -> tuple[str, ...]:
    """Sort key of a Vietnamese name: given name (the last word) first, then the words before it."""
    words = fold(full_name).split()
    return (*words[-1:], *words[:-1], full_name)
