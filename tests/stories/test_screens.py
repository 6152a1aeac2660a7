"""Nothing on any screen shuts somebody out: `make axe` finds nothing serious, at AXE=phone and at AXE=tablet."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.house import running
from tests.screens import SIZES, axe, visit

SIZE = os.environ.get("AXE")


@pytest.mark.skipif(SIZE is None, reason="takes minutes: make axe")
def test_axe_finds_nothing_serious(playwright: Playwright, tmp_path: Path) -> None:
    size = str(SIZE)
    with running(playwright, tmp_path) as house:
        found = {f"{screen} {size}": axe(page) for screen, size, page in visit(house, {size: SIZES[size]}, settle_ms=600)}
        assert {where: what for where, what in found.items() if what} == {}
        assert house.errors == []
