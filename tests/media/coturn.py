"""A real coturn with the configuration that the project hands out."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from signaling.turn import Turn
from tests.server import free_port

ROOT = Path(__file__).parents[2]
SECRET = "a secret of two"


@asynccontextmanager
async def coturn(folder: Path, *, node: str = "127.0.0.1", minutes: int = 60) -> AsyncIterator[Turn]:
    """Runs on TCP of this machine only and relays to `node`; yields what a server gives to its participants."""
    port, text = free_port(), (ROOT / "config/deploy/coturn.conf").read_text()
    for name, value in (("TURN_NAME", "hop.test"), ("TURN_SECRET", SECRET), ("NODE_ADDRESS", node)):
        text = re.sub(f"(?m)^([^#].*){name}", rf"\g<1>{value}", text)
    own = re.compile(r"^(listening-port|tls-listening-port|cert|pkey|syslog)")
    lines = [line for line in text.splitlines() if not own.match(line)]
    lines += [
        f"listening-port={port}", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "no-tls", "no-dtls", "no-udp",
        f"userdb={folder / 'turndb'}", f"pidfile={folder / 'turn.pid'}", "log-file=stdout",
        "allow-loopback-peers",  # here the node is on this machine
    ]  # fmt: skip
    (folder / "turnserver.conf").write_text("\n".join(lines) + "\n")
    with (folder / "turnserver.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "turnserver", "-c", str(folder / "turnserver.conf"), stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
        )
    try:
        await _answers(port, process, folder / "turnserver.log")
        yield Turn((f"turn:127.0.0.1:{port}?transport=tcp",), SECRET, minutes)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            assert process.returncode is None, log.read_text()
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise AssertionError(log.read_text())
