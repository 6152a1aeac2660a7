import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT, Settings
from meetroom.operation.prepare import NotReady, busy_ports, certify, only_server


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
