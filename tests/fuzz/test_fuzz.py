"""A short run of every target, from the same beginning each time; long ones by `make fuzz`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import SEEDS, TARGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_are_good(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


def test_nothing_breaks_a_reader(tmp_path: Path) -> None:
    pytest.importorskip("atheris")  # there is none but for Linux on x86
    command = [sys.executable, "-m", "tests.fuzz", "--runs", "3000", "--seconds", "1", "--folder", tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(any((tmp_path / name / "found").iterdir()) for name in TARGETS)  # it did find its way
