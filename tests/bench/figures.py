"""How a figure is kept and shown: one JSON line each, and a table."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """`reference_value` was measured in the same run; `ratio` = value / reference_value."""

    name: str
    value: float
    unit: str
    reference: str | None = None
    reference_value: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.reference_value, 3) if self.reference_value else None


def keep(figures: list[Figure], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({**asdict(figure), "ratio": figure.ratio}, ensure_ascii=False) for figure in figures]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{'figure':<32}{'value':>12} {'unit':<6}{'reference':<28}{'value':>12}{'ratio':>8}")
    for figure in figures:
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        reference = f"{figure.reference or '':<28}{_short(figure.reference_value):>12}{ratio:>8}"
        print(f"{figure.name:<32}{_short(figure.value):>12} {figure.unit:<6}{reference}".rstrip())


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
