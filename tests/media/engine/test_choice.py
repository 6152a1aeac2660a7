import logging
import sys

import pytest

from media.engine import choice
from tests.media.engine.endpoint import ENGINES


@pytest.mark.parametrize("name", ENGINES)
def test_the_engine_asked_for(name: choice.Name) -> None:
    engine = choice.open("127.0.0.1", 0, name)
    assert engine.name == name
    assert engine.port


def test_the_native_engine_where_it_runs() -> None:
    assert choice.open("127.0.0.1", 0).name == ENGINES[-1]


def test_without_it_the_reference_and_a_warning(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "media.engine.native", None)
    with caplog.at_level(logging.WARNING):
        assert choice.open("127.0.0.1", 0).name == "reference"
    assert "native packet engine" in caplog.text
    with pytest.raises(ImportError):
        choice.open("127.0.0.1", 0, "native")


@pytest.mark.parametrize("name", ENGINES)
def test_a_port_that_is_taken(name: choice.Name) -> None:
    taken = choice.open("127.0.0.1", 0, name)
    with pytest.raises(OSError):
        choice.open("127.0.0.1", taken.port, name)
