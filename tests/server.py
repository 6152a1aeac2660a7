"""The server under measure: the product's own processes in a folder of their own, with a council of any size in it."""

import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import meetroom.app  # noqa: F401  all nouns put their commands into the door
from config.settings import Settings
from meetroom.access import Actor
from meetroom.door import Door
from meetroom.http import COOKIE
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.operation.prepare import prepare
from meetroom.people import sessions
from meetroom.people.tables import Person
from meetroom.store.engine import open_store


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """`with Server(folder) as server`: web process and papers worker, pinned to one core when `core` is given."""

    folder: Path
    core: int | None = None
    settings: Settings = field(init=False)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        os.environ |= {
            "MEETROOM_DATA_DIR": str(self.folder), "MEETROOM_BIND": "127.0.0.1", "MEETROOM_PORT": str(free_port()),
            "MEETROOM_HTTP_PORT": str(free_port()), "MEETROOM_BOX_PORT": str(free_port()),
            "MEETROOM_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        }  # fmt: skip
        self.settings = Settings.load()
        prepare(self.settings)
        self.store = open_store(self.settings.database)
        self.door = Door(self.store, roles=meetings.roles)

    def __enter__(self) -> "Server":
        for module in ("signaling", "meetroom.documents.worker"):
            pinned = ["taskset", "-c", str(self.core)] if self.core is not None else []
            self.processes.append(subprocess.Popen([*pinned, sys.executable, "-m", module], stdin=subprocess.DEVNULL))
        context = ssl.create_default_context(cafile=self.settings.ca_certificate)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.settings.local_url}/api/qr/000000", timeout=5, context=context)
            except urllib.error.HTTPError:
                return self  # it answers
            except OSError as error:
                if time.monotonic() > deadline or self.processes[0].poll() is not None:
                    self.stop()
                    raise RuntimeError("the server did not start") from error
                time.sleep(0.05)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.settings.port

    def council(self, size: int) -> tuple[int, str, list[str]]:
        """An open meeting of `size` voting delegates, all present: its id, the secretary's cookie, the delegates'."""
        with self.store.write() as session:
            secretary = Person(full_name="Đỗ Thị Thùy Linh", house_role="secretary", active=True)
            people = [Person(full_name=f"Đại biểu {n}", house_role="none", active=True) for n in range(size)]
            session.add_all([secretary, *people])
            session.flush()
        do = self.perform
        meeting = do(secretary.id, "meeting.create", title="Kỳ họp", kind="council", starts_at=datetime.now(UTC).isoformat())[
            "id"
        ]
        item = do(secretary.id, "item.add", meeting_id=meeting, title="Kế hoạch đầu tư công")["id"]
        do(secretary.id, "meeting.open", meeting_id=meeting)
        do(secretary.id, "item.start", meeting_id=meeting, item_id=item)
        with self.store.write() as session:
            session.add_all(
                Member(
                    meeting_id=meeting, person_id=p.id, full_name=p.full_name, position="", unit="", role="delegate",
                    votes=True, present=True,
                )
                for p in people
            )  # fmt: skip
            cookies = [self._cookie(session, person.id) for person in (secretary, *people)]
        self.secretary, self.item = secretary.id, item
        return meeting, cookies[0], cookies[1:]

    def conference(self, size: int) -> tuple[int, str, list[tuple[int, str]]]:
        """An open meeting with so many conference points: its id, the secretary's cookie, and of each point's operator the
        number as a member and the cookie."""
        meeting, secretary, _ = self.council(0)
        points = [self.perform(self.secretary, "point.add", meeting_id=meeting, name=f"Điểm cầu {n}")["id"] for n in range(size)]
        with self.store.write() as session:
            people = [Person(full_name=f"Cán bộ {n}", house_role="none", active=True) for n in range(size)]
            session.add_all(people)
            session.flush()
            members = [
                Member(
                    meeting_id=meeting, person_id=person.id, full_name=person.full_name, position="", unit="", role="operator",
                    present=True, point_id=point,
                )
                for person, point in zip(people, points, strict=True)
            ]  # fmt: skip
            session.add_all(members)
            session.flush()
            operators = [(member.id, self._cookie(session, person.id)) for member, person in zip(members, people, strict=True)]
        return meeting, secretary, operators

    def perform(self, person_id: int, command: str, **order: object) -> dict[str, int]:
        answer = self.door.perform(command, order, actor=Actor(person_id), op_id=secrets.token_hex(8))
        result: dict[str, int] = answer["result"]
        return result

    @staticmethod
    def _cookie(session: object, person_id: int) -> str:
        token, _ = sessions.begin(session, person_id, now=datetime.now(UTC), hours=12, device="bench")  # type: ignore[arg-type]
        return f"{COOKIE}={token}"
