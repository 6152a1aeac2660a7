import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT, Settings
from meetroom.operation.prepare import NotReady, busy_ports, certify, is_current, only_server, prepare
from meetroom.store import migrate


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
    port, http_port, udp_port = free_ports(socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    here = settings(tmp_path, port=port, http_port=http_port, udp_port=udp_port)
    assert busy_ports(here) == []
    with socket.create_server(("127.0.0.1", port)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", udp_port))
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
    assert prepare(here).migrated
    assert migrate.is_current(here.database) and is_current(here)
    assert not prepare(here).migrated


def test_a_database_of_an_older_version_is_not_current(tmp_path: Path) -> None:
    here = settings(tmp_path)
    prepare(here)
    connection = sqlite3.connect(here.sqlite)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    assert not is_current(here)
    connection.execute("DROP TABLE alembic_version")
    assert not is_current(here)
    connection.close()


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
