"""One real server: all its processes, started and ended as a technician does."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ROOT


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m meetroom.cli serve` in a data folder of its own, its lines as they come."""

    def __init__(self, data: Path) -> None:
        self.port, self.http_port = free_port(), free_port()
        self.data = data
        self.environment = {
            **os.environ,
            "MEETROOM_DATA_DIR": str(data), "MEETROOM_BIND": "127.0.0.1", "MEETROOM_PORT": str(self.port),
            "MEETROOM_HTTP_PORT": str(self.http_port), "MEETROOM_BOX_PORT": str(free_port()),
            "MEETROOM_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
            "MEETROOM_DEMO": "false",
        }  # fmt: skip
        self.process = subprocess.Popen(self.command("serve"), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=self.environment)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "meetroom.cli", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, cwd=ROOT, env=self.environment)

    def lines_until(self, pattern: str) -> list[str]:
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if re.search(pattern, line):
                return lines
        raise AssertionError(f"ended without {pattern!r}: {lines}")

    def get(self, path: str = "/") -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=self.data / "certificates" / "ca.pem")
        with urllib.request.urlopen(f"https://127.0.0.1:{self.port}{path}", context=context, timeout=10) as answer:
            return answer.status, answer.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture(scope="module")
def first_lines(server: Server) -> list[str]:
    return server.lines_until("^ready ")


def test_it_says_ready_once_https_answers(server: Server, first_lines: list[str]) -> None:
    assert first_lines[-1] == f"ready https://127.0.0.1:{server.port}"
    status, page = server.get()
    assert status == 200 and b"<html" in page


def test_it_tells_where_to_go_and_what_to_install(server: Server, first_lines: list[str]) -> None:
    text = "\n".join(first_lines)
    assert f"http://127.0.0.1:{server.http_port}/ca" in text
    assert re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", text)
    assert "█" in text


def test_plain_http_hands_out_the_authority_and_nothing_else(server: Server, first_lines: list[str]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/ca", timeout=10) as answer:
        assert answer.read() == (server.data / "certificates" / "ca.pem").read_bytes()
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):  # it followed to HTTPS without the authority
        urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/", timeout=10)


def test_a_second_server_in_the_same_folder_is_refused(server: Server, first_lines: list[str]) -> None:
    second = server.run("serve")
    assert second.returncode == 1 and "already runs in" in second.stderr


def test_doctor_finds_nothing_bad(server: Server, first_lines: list[str]) -> None:
    findings = server.run("doctor")
    assert findings.returncode == 0, findings.stdout
    assert "bad" not in [line.split()[0] for line in findings.stdout.splitlines()]


def test_an_account_is_made_and_its_password_set_while_it_runs(server: Server, first_lines: list[str]) -> None:
    nobody = server.run("user", "ky.thuat", "--role", "technician", "--password", "mat-khau-1")
    made = server.run("user", "quan.tri", "--name", "Lê Bá Thành", "--password", "mat-khau-1")
    changed = server.run("user", "quan.tri", "--password", "mat-khau-2")
    short = server.run("user", "quan.tri", "--password", "ngan")
    assert nobody.returncode == 1 and "--role admin" in nobody.stderr
    assert (made.stdout.strip(), changed.stdout.strip()) == (
        "quan.tri: account created", "quan.tri: password set, sessions ended"
    )  # fmt: skip
    assert short.returncode == 1 and "refused: invalid" in short.stderr


def test_the_house_journal_is_exported_and_verified(server: Server, first_lines: list[str], tmp_path: Path) -> None:
    server.run("user", "thu.ky", "--role", "secretary", "--password", "mat-khau-1")
    file = tmp_path / "house.jsonl"
    assert server.run("export-journal", "0", str(file)).returncode == 0
    assert "unchanged" in server.run("verify", str(file)).stdout
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    broken = server.run("verify", str(file))
    assert broken.returncode == 1 and "line 2" in broken.stderr
    assert "there is no meeting 99" in server.run("export-journal", "99", str(tmp_path / "none")).stderr


def test_a_backup_of_the_running_server_is_a_whole_server(server: Server, first_lines: list[str], tmp_path: Path) -> None:
    assert server.run("backup", str(tmp_path / "all.tar")).returncode == 0
    server.environment["MEETROOM_DATA_DIR"] = str(tmp_path / "there")
    try:
        assert server.run("restore", str(tmp_path / "all.tar")).returncode == 0
        assert server.run("restore", str(tmp_path / "all.tar")).returncode == 1
        known = server.run("user", "quan.tri", "--password", "mat-khau-3")
    finally:
        server.environment["MEETROOM_DATA_DIR"] = str(server.data)
    assert "password set" in known.stdout
    ours, theirs = server.data / "certificates" / "ca.pem", tmp_path / "there" / "certificates" / "ca.pem"
    assert ours.read_bytes() == theirs.read_bytes()


def children(pid: int) -> dict[str, int]:
    """The supervisor's processes by the module they run, without spare ones."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        if "-m" in words and "meetroom.cli" not in words:  # neither ended nor still a copy of the supervisor
            found.setdefault(words[words.index("-m") + 1], int(child))  # a spare one is younger
    return found


@pytest.mark.parametrize(
    ("module", "name"), [("signaling", "web"), ("media", "media node"), ("meetroom.documents.worker", "papers worker")]
)
def test_a_killed_process_comes_back(server: Server, first_lines: list[str], module: str, name: str) -> None:
    victim = children(server.process.pid)[module]
    os.kill(victim, signal.SIGKILL)
    server.lines_until(rf"^{name} was ended by SIGKILL; starting it again in 0\.1 s$")
    deadline = time.monotonic() + 60
    while children(server.process.pid).get(module, victim) == victim:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_pages_are_there_again_after_the_web_process_was_killed(server: Server, first_lines: list[str]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert server.get()[0] == 200
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_one_signal_ends_everything(server: Server, first_lines: list[str]) -> None:
    pids = children(server.process.pid).values()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises(OSError):
        server.get()
