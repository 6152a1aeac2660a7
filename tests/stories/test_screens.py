"""Nothing on any screen shuts somebody out: axe finds nothing serious, on a tablet and on a phone."""

from pathlib import Path

from playwright.sync_api import Playwright

from tests.house import running
from tests.screens import SIZES, axe, visit


def test_axe_finds_nothing_serious(playwright: Playwright, tmp_path: Path) -> None:
    sizes = {name: SIZES[name] for name in ("tablet", "phone")}
    with running(playwright, tmp_path) as house:
        found = {f"{screen} {size}": axe(page) for screen, size, page in visit(house, sizes, settle_ms=600)}
        assert {where: what for where, what in found.items() if what} == {}
        assert house.errors == []
