"""Nothing on any screen shuts somebody out: axe finds nothing serious, on a tablet and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.house import running
from tests.screens import SIZES, axe, visit


def test_axe_finds_nothing_serious(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("screens")
    sizes = {name: SIZES[name] for name in ("tablet", "phone")}
    with sync_playwright() as playwright, running(playwright, folder) as house:
        found = {f"{screen} {size}": axe(page) for screen, size, page in visit(house, sizes)}
        assert {where: what for where, what in found.items() if what} == {}
        assert house.errors == []
