"""What `make` says on a machine where something is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings import ROOT

PRESENT = ("bash", "make", "mkdir", "touch", "find", "id", "grep", "sed", "expand")


class Machine:
    """A folder of programs that is the whole PATH, and the Makefile in another."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.project = folder / "bin", folder / "project"
        self.programs.mkdir()
        (self.project / "web").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", self.project)
        for name in PRESENT:
            self.install(name, f'exec {shutil.which(name)} "$@"')

    def install(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/bash\n{script}\n")
        (self.programs / name).chmod(0o755)

    def make(self, *targets: str) -> subprocess.CompletedProcess[str]:
        path = {"PATH": str(self.programs)}
        return subprocess.run(["make", *targets], cwd=self.project, env=path, capture_output=True, text=True)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Everything `make run` needs, as Debian 12 with NodeSource's Node has it."""
    machine = Machine(tmp_path)
    machine.install("python3", "exit 0")
    machine.install("gcc", "exit 0")
    machine.install("npm", "exit 0")
    machine.install("node", 'test "$1" = --version && echo v20.20.2; exit 0')
    return machine


def test_bare_make_lists_the_targets(machine: Machine) -> None:
    listed = [line.split()[0] for line in machine.make().stdout.splitlines()]
    assert {"run", "test", "check", "lock", "contract", "bench"} <= set(listed)


def test_a_machine_that_has_everything_passes(machine: Machine) -> None:
    assert machine.make("build/system").returncode == 0


def test_one_apt_line_names_all_that_is_missing(machine: Machine) -> None:
    (machine.programs / "gcc").unlink()
    machine.install("python3", 'test "$2" != "import ensurepip"')
    answer = machine.make("build/system")
    assert answer.returncode != 0
    assert "As root: apt install python3-venv gcc libc6-dev" in answer.stderr


def test_debians_own_node_is_too_old(machine: Machine) -> None:
    machine.install("node", 'test "$1" = --version && echo v18.20.4 && exit; exit 1')
    answer = machine.make("build/system")
    assert answer.returncode != 0
    assert "this machine has v18.20.4" in answer.stderr and "NodeSource" in answer.stderr


def test_no_node_at_all(machine: Machine) -> None:
    (machine.programs / "npm").unlink()
    (machine.programs / "node").unlink()
    assert "this machine has none" in machine.make("build/system").stderr


@pytest.mark.parametrize(("root", "says"), [("0", "apt-get install"), ("1000", "As root: apt install chromium")])
def test_what_the_tests_need_is_installed_by_root_and_named_to_others(machine: Machine, root: str, says: str) -> None:
    machine.install("id", f"echo {root}")
    machine.install("apt-get", 'echo "apt-get $@"')
    answer = machine.make("test-system")
    assert says in answer.stdout + answer.stderr and "chromium" in answer.stdout + answer.stderr
    assert (answer.returncode == 0) == (root == "0")
