"""The marks of which a sample paper is made: paragraphs, headings and tables in HTML, numbers as printed in Vietnam."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

PORTRAIT_WIDTH, LANDSCAPE_WIDTH = 467, 714  # points between the margins of A4
CELL_PADDING = 10.6  # points of a cell's width that are padding and rules


class Block(NamedTuple):
    """A piece of the text. One that is not `needed` is left out when the paper is to be shorter; a `whole` one is not
    split between two pages."""

    html: str
    needed: bool = True
    whole: bool = False


class Annex(NamedTuple):
    """One page after the text."""

    html: str
    landscape: bool = False


def number(value: float, decimals: int = 0) -> str:
    """A number with a dot for thousands and a decimal comma."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def growth(before: float, after: float) -> str:
    return f"{(after / before - 1) * 100:+.1f}".replace(".", ",") if before else "-"


def p(text: str) -> str:
    return f"<p>{text}</p>"


def part(title: str, texts: Sequence[str], needed: int) -> Iterator[Block]:
    """A heading, "I. SỰ CẦN THIẾT", with its paragraphs, of which the first `needed` are never left out."""
    yield Block(f"<p class='part'>{title}</p><p id='rest'>{texts[0]}</p>", whole=True)
    for n, text in enumerate(texts[1:], 1):
        yield Block(p(text), n < needed)


def centred(text: str, style: str = "") -> str:
    return f"<p class='centred {style}'>{text}</p>"


def caption(title: str, unit: str = "") -> str:
    return centred(title, "bold") + (f"<p class='unit'>Đơn vị: {unit}</p>" if unit else "")


def table(heads: Sequence[str], widths: Sequence[int], aligns: str, rows: Iterable[Sequence[str]], style: str = "") -> str:
    """A ruled table. `widths` in per cent of the page's; `aligns`: l, c or r for each column; `style` "small", "wide" (on
    a landscape page). A row whose first cell begins with an asterisk is printed bold."""
    across = LANDSCAPE_WIDTH if "wide" in style else PORTRAIT_WIDTH
    columns = list(zip(heads, widths, aligns, strict=True))
    html = [f"<table class='{style}'><tr>"]
    html += [f"<th style='width:{across * width / 100 - CELL_PADDING}pt'>{head}</th>" for head, width, _ in columns]
    for row in rows:
        bold = row[0].startswith("*")
        html.append("</tr><tr>")
        for cell, (_, _, align) in zip((row[0].lstrip("*"), *row[1:]), columns, strict=True):
            html.append(f"<td class='{align}'>{f'<b>{cell}</b>' if bold and cell else cell}</td>")
    return "".join(html) + "</tr></table>"
