import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT, Settings
from meetroom import demo
from meetroom.operation.accounts import set_account
from meetroom.operation.prepare import NotReady, busy_ports, certify, demo_accounts, is_current, only_server, prepare
from meetroom.store import migrate
from meetroom.store.engine import open_store


def settings(tmp_path: Path, **others: object) -> Settings:
    return Settings(data_dir=tmp_path / "data", bind="127.0.0.1", **others)  # type: ignore[arg-type]


def free_ports(*kinds: int) -> list[int]:
    """Ports nobody uses now, all different."""
    sockets = [socket.socket(socket.AF_INET, kind) for kind in kinds]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_a_busy_port_is_named_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    port, http_port, box_port, udp_port = free_ports(tcp, tcp, tcp, udp)
    here = settings(tmp_path, port=port, http_port=http_port, udp_port=udp_port, box_port=box_port)
    assert busy_ports(here) == []
    with socket.create_server(("127.0.0.1", port)), socket.socket(socket.AF_INET, udp) as held:
        held.bind(("127.0.0.1", udp_port))
        assert busy_ports(here) == [
            f"TCP port {port} on 127.0.0.1: Address already in use; set MEETROOM_PORT to another",
            f"UDP port {udp_port} on 127.0.0.1: Address already in use; set MEETROOM_UDP_PORT to another",
        ]


def test_two_servers_never_share_a_data_folder(tmp_path: Path) -> None:
    here = settings(tmp_path)
    other = (
        "import sys, time; from config.settings import Settings; from meetroom.operation.prepare import only_server\n"
        "with only_server(Settings(data_dir=sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", other, str(here.data_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    with pytest.raises(NotReady, match=rf"already runs in .*process {process.pid}"), only_server(here):
        pass
    process.kill()
    process.wait()
    with only_server(here):
        pass


def test_a_damaged_authority_is_told_in_a_sentence(tmp_path: Path) -> None:
    here = settings(tmp_path)
    certify(here)
    here.ca_certificate.write_text("junk")
    with pytest.raises(NotReady, match="is not a certificate"):
        certify(here)


def test_the_first_start_migrates_and_the_second_finds_nothing_to_do(tmp_path: Path) -> None:
    here = settings(tmp_path)
    assert prepare(here).fresh
    assert migrate.is_current(here.database) and is_current(here)
    assert not prepare(here).fresh


def test_a_database_of_an_older_version_is_not_current(tmp_path: Path) -> None:
    here = settings(tmp_path)
    prepare(here)
    connection = sqlite3.connect(here.sqlite)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    assert not is_current(here)
    connection.execute("DROP TABLE alembic_version")
    connection.close()
    assert not is_current(here)


def test_a_damaged_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    here = settings(tmp_path)
    prepare(here)
    here.sqlite.write_bytes(b"no database at all" * 1000)
    with pytest.raises(NotReady, match="restore a backup"):
        prepare(here)


def test_a_database_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    [port] = free_ports(socket.SOCK_STREAM)
    with pytest.raises(NotReady, match="not reachable"):
        prepare(settings(tmp_path, database_url=f"postgresql+psycopg://nobody@127.0.0.1:{port}/nothing"))


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(NotReady, match="cannot write to"):
        prepare(settings(tmp_path))
    with pytest.raises(NotReady, match="cannot write to"), only_server(settings(tmp_path)):
        pass


def people(here: Settings) -> int:
    connection = sqlite3.connect(here.sqlite)
    count: int = connection.execute("SELECT count(*) FROM people").fetchone()[0]
    connection.close()
    return count


def test_the_demo_is_made_once_and_its_accounts_are_named_at_every_start(tmp_path: Path) -> None:
    here = settings(tmp_path)
    first = demo_accounts(here, prepare(here), wanted=True)
    made = people(here)
    assert made > 10 and any("thuky" in line for line in first)
    assert demo_accounts(here, prepare(here), wanted=True) == first
    assert people(here) == made


def test_a_database_with_people_is_left_as_it_is(tmp_path: Path) -> None:
    here = settings(tmp_path)
    prepared = prepare(here)
    set_account(open_store(here.database), "quan.tri", "mat-khau-1", full_name="Lê Bá Thành", house_role="admin")
    assert demo_accounts(here, prepared, wanted=True) == []
    assert people(here) == 1


def test_a_demo_that_was_interrupted_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = settings(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(demo.Demo, "_agenda", interrupted)
        demo_accounts(here, prepare(here), wanted=True)
    assert not here.sqlite.exists() and prepare(here).fresh


def test_an_interrupted_demo_never_takes_a_database_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = settings(tmp_path)
    prepare(here)
    monkeypatch.setattr(demo.Demo, "_accounts", lambda _demo: sys.exit(1))
    with pytest.raises(SystemExit):
        demo_accounts(here, prepare(here), wanted=True)
    assert here.sqlite.exists()
