import importlib.util
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from config.settings import Settings
from meetroom.operation import addresses, certificates, doctor
from meetroom.operation.doctor import State, examine
from meetroom.operation.prepare import only_server, prepare
from tests.operation.test_prepare import free_ports


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A machine on which everything is in order."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    port, http_port, box_port, udp_port = free_ports(tcp, tcp, tcp, udp)
    settings = Settings(data_dir=tmp_path / "data", port=port, http_port=http_port, udp_port=udp_port, box_port=box_port)  # type: ignore[call-arg]
    prepare(settings)
    return settings


def found(settings: Settings, about: str) -> list[tuple[State, str]]:
    return [(finding.state, finding.sentence) for finding in examine(settings) if finding.about == about]


def test_a_good_machine_has_nothing_bad(here: Settings) -> None:
    findings = list(examine(here))
    assert [finding for finding in findings if finding.state == State.BAD and finding.about != "front end"] == []
    assert {finding.about for finding in findings} == set(doctor.CHECKS)


def take_port(here: Settings) -> str:
    taken.append(socket.create_server(("0.0.0.0", here.port)))
    return f"TCP port {here.port}"


def fill_disk(here: Settings) -> str:
    doctor.LEAST_DISK = 10**18
    return "GB free; at least"


def older_database(here: Settings) -> str:
    connection = sqlite3.connect(here.sqlite)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()
    return "cli init"


def damaged_authority(here: Settings) -> str:
    here.ca_certificate.write_text("junk")
    return "is not a certificate"


def no_folder(here: Settings) -> str:
    here.run.rmdir()
    here.run.write_text("a file")
    return str(here.run)


taken: list[socket.socket] = []


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(doctor, "LEAST_DISK", doctor.LEAST_DISK)
    yield
    while taken:
        taken.pop().close()


@pytest.mark.parametrize(
    ("about", "harm"),
    [("ports", take_port), ("disk", fill_disk), ("database", older_database), ("certificates", damaged_authority),
     ("ports", no_folder)],
)  # fmt: skip
def test_each_trouble_is_named_with_what_to_do(here: Settings, about: str, harm: Callable[[Settings], str]) -> None:
    hint = harm(here)
    [(state, sentence)] = found(here, about)
    assert state == State.BAD and hint in sentence


def test_ports_of_the_running_server_are_no_trouble(here: Settings) -> None:
    with only_server(here), socket.create_server(("0.0.0.0", here.port)):
        [(state, sentence)] = found(here, "ports")
    assert state == State.GOOD and "already runs" in sentence


def test_a_misspelt_variable_is_noticed(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETROOM_PROT", "9000")
    monkeypatch.setenv("MEETROOM_MEDIA_NAME", "node-2")
    assert found(here, "settings") == [(State.NOTE, "MEETROOM_PROT is not a setting; config/default.toml lists them all")]


def test_an_address_beyond_the_authority_is_noticed(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "lan_addresses", lambda: (addresses.IPv4Address("198.51.100.4"),))
    notes = [sentence for state, sentence in found(here, "certificates") if state == State.NOTE]
    assert [note.split(":")[0] for note in notes] == ["198.51.100.4 is beyond what the local authority may vouch for"]


def test_an_authority_that_ends_soon_is_noticed(tmp_path: Path) -> None:
    here = Settings(data_dir=tmp_path / "old")  # type: ignore[call-arg]
    certificates.ensure(here.certificates, names=(), addresses=(), now=datetime.now(UTC) - timedelta(days=3600))
    notes = [sentence for state, sentence in found(here, "certificates") if state == State.NOTE]
    assert any(note.startswith("the authority ends") for note in notes)


def test_a_machine_without_chromium_still_serves(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert [state for state, _ in found(here, "tests")] == [State.NOTE]
    assert [state for state, _ in found(here, "fonts")] == [State.NOTE]


def test_which_packet_engine_runs_and_why(here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEETROOM_MEDIA_ENGINE", raising=False)
    cases: list[tuple[ModuleSpec | None, State, str]] = [(None, State.NOTE, "apt install gcc libc6-dev libssl-dev")]
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"junk")
    cases.append((ModuleSpec("compiled", None, origin=str(broken)), State.NOTE, "does not load"))
    cases.append((ModuleSpec("compiled", None, origin=importlib.import_module("_ctypes").__file__), State.GOOD, "native"))
    for spec, state, sentence in cases:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, spec=spec: spec)
        [finding] = found(here, "media node")
        assert finding[0] == state
        assert sentence in finding[1]
    monkeypatch.setenv("MEETROOM_MEDIA_ENGINE", "reference")
    assert "MEETROOM_MEDIA_ENGINE" in found(here, "media node")[0][1]
