"""The Box as a process: over HTTPS and its socket file, killed at any moment."""

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from meetroom.errors import Refusal
from meetroom.operation.prepare import prepare
from meetroom.voting.secret import proof
from signaling.box import BoxLink
from tests.server import free_port
from tests.voting.secret.election import Election


class Process:
    """`python -m meetroom.voting.box` in a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        ports = {name: str(free_port()) for name in ("PORT", "HTTP_PORT", "BOX_PORT")}
        self.environment = {**os.environ, **{f"MEETROOM_{name}": port for name, port in ports.items()}}
        self.environment |= {"MEETROOM_DATA_DIR": str(folder), "MEETROOM_BIND": "127.0.0.1"}
        made = {name.lower(): int(port) for name, port in ports.items()}
        self.settings = Settings(data_dir=folder, bind="127.0.0.1", **made)  # type: ignore[call-arg, arg-type]
        prepare(self.settings)
        self.context = ssl.create_default_context(cafile=self.settings.ca_certificate)
        self.log = folder / "box.log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            program = [sys.executable, "-m", "meetroom.voting.box"]
            self.process = subprocess.Popen(program, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.key = self.ask("GET", "key")["key"]
                return
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, method: str, path: str, order: Any = None) -> Any:
        """As the web process does."""
        return BoxLink.ask(self, method, path, order)  # type: ignore[arg-type]

    @property
    def path(self) -> Path:
        return self.settings.box_socket

    def request(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any], Any]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.settings.box_port, timeout=10, context=self.context)
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), json.loads(answer.read())


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.kill()


def election(box: Process) -> Election:
    election = Election()
    about = json.loads(election.manifest)
    about["box"]["key"] = box.key
    election.manifest = proof.canonical(about)
    election.hash = proof.sha256(election.manifest)
    return election


def test_what_tablets_and_strangers_are_answered(box: Process) -> None:
    vote = election(box)
    box.ask("PUT", "vote", vote.wish("open", 600))
    voter = vote.voter()
    envelope = voter.envelope([["for"]])
    origin = f"https://127.0.0.1:{box.settings.port}"
    status, headers, body = box.request("POST", f"/{vote.hash}", voter.cast(envelope), Origin=origin)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == origin
    text = proof.receipt_text(vote.hash, hashlib.sha256(envelope).hexdigest())
    assert proof.is_signed(box.key, proof.RECEIPT, text, body["result"]["receipt"])
    # Nobody else's pages, and never with cookies.
    _, headers, _ = box.request("POST", f"/{vote.hash}", voter.cast(envelope), Origin="https://elsewhere.example")
    assert "Access-Control-Allow-Origin" not in headers
    status, _, body = box.request("POST", f"/{vote.hash}", voter.cast(envelope), Cookie="meetroom=x")
    assert (status, body["error"]["code"]) == (422, "invalid")
    for method, path, order, code in (
        ("GET", f"/{vote.hash}", None, "not_open"),
        ("GET", "/key", None, "not_found"),
        ("DELETE", f"/{vote.hash}", None, "not_found"),
        ("PUT", "/vote", vote.wish("closed"), "not_found"),
        ("POST", "/" + "0" * 64, voter.cast(envelope), "not_found"),
        ("POST", f"/{vote.hash}", "x" * 70_000, "too_large"),
        ("POST", f"/{vote.hash}", [[]], "invalid"),
    ):
        assert box.request(method, path, order)[2]["error"]["code"] == code, (method, path)
    with socket.create_connection(("127.0.0.1", box.settings.box_port)) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")  # no TLS
    assert box.request("POST", f"/{vote.hash}", voter.cast(envelope))[0] == 200
    # Neither on its output nor in its folder is there anything of who asked and when.
    assert box.log.read_text() == "" or "127.0.0.1" not in box.log.read_text()
    assert sorted(path.name for path in box.settings.box.iterdir()) == sorted([f"{vote.hash}.sqlite", "box.key"])
    assert box.settings.box_socket.stat().st_mode & 0o077 == 0 == box.settings.box_key_file.stat().st_mode & 0o077


def test_killed_at_any_moment_it_keeps_what_it_acknowledged_once(box: Process) -> None:
    vote, chance = election(box), random.Random(5)
    voters = [vote.voter() for _ in range(6)]
    acked: dict[int, bytes] = {}
    after: dict[int, list[bytes]] = {n: [] for n in range(len(voters))}  # sent since then, of which nobody heard
    for _ in range(4):
        box.ask("PUT", "vote", vote.wish("open", 600))
        killer = subprocess.Popen(["sh", "-c", f"sleep {0.1 + chance.random() * 0.6:.3f}; kill -9 {box.process.pid}"])
        try:
            while True:
                n = chance.randrange(len(voters))
                envelope = voters[n].envelope([[chance.choice(("for", "against"))]])
                after[n].append(envelope)
                status, _, answer = box.request("POST", f"/{vote.hash}", voters[n].cast(envelope))
                assert status == 200, answer
                acked[n], after[n] = envelope, []
        except (OSError, http.client.HTTPException):
            killer.wait()
            box.process.wait()
            box.start()
    box.ask("PUT", "vote", vote.wish("closed"))
    deadline = time.monotonic() + 20
    while not box.ask("PUT", "vote", vote.wish("closed"))["closing"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    kept = [bytes.fromhex(envelope) for envelope in box.ask("GET", vote.hash)["envelopes"]]
    ballots, invalid = vote.board.count(vote.manifest, kept, set())
    assert invalid == [] and len(ballots) == len(kept)  # none doubled
    assert len(acked) > 1
    for n, envelope in acked.items():
        assert envelope in kept or any(later in kept for later in after[n]), n
    assert len(kept) <= len(voters)
    published = box.request("GET", f"/{vote.hash}")[2]["result"]
    assert published["envelopes"] == [hashlib.sha256(envelope).hexdigest() for envelope in kept]
    box.ask("DELETE", vote.hash)
    with pytest.raises(Refusal):
        box.ask("GET", vote.hash)
