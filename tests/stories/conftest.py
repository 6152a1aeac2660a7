"""One running server for all stories."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.house import House, running


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with sync_playwright() as playwright, running(playwright, tmp_path_factory.mktemp("house")) as house:
        yield house
