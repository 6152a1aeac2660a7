"""The running server: its processes, what the technician reads while it starts, and the line that says it is ready."""

import asyncio
import io
import os
import ssl
import sys
import urllib.request
from collections.abc import Callable, Coroutine

import segno

from config.settings import Settings
from meetroom.operation.addresses import host, reachable
from meetroom.operation.certificates import Certificates
from meetroom.operation.prepare import certify
from meetroom.operation.supervisor import Child, keep, supervise

POLL = 0.05  # seconds between two questions whether HTTPS answers
CERTIFICATE_CHECK = 60.0  # seconds; a new address or the last 30 days renew the certificate


def run(settings: Settings, made: Certificates, accounts: list[str], say: Callable[[str], None]) -> None:
    """Run everything until a signal; `accounts` are the lines about demo accounts."""
    for line in welcome(settings, made, accounts):
        say(line)
    environment = {**os.environ, **settings.environment(), "PYTHONUNBUFFERED": "1"}
    web, *others = (keep(child, environment, say) for child in children(settings))
    asyncio.run(supervise(web, _when_ready(settings, say, others), _keep_certified(settings, say)))
    say("ended")


def children(settings: Settings) -> list[Child]:
    """The processes of one server on one machine, the web process first."""
    media = [
        "-m", "media", "--server", settings.local_url,
        "--token-file", str(settings.media_token_file), "--ca-file", str(settings.ca_certificate),
        "--udp-host", str(settings.bind), "--udp-port", str(settings.udp_port),
        "--recordings", str(settings.recordings),
        "--announce", *map(str, reachable(settings)),
    ]  # fmt: skip
    return [
        Child("web", (sys.executable, "-m", "signaling")),
        Child("Box", (sys.executable, "-m", "meetroom.voting.box")),
        Child("media node", (sys.executable, *media, "--spare"), spare=True),
        Child("papers worker", (sys.executable, "-m", "meetroom.documents.worker")),
        Child("printing press", (sys.executable, "-m", "meetroom.printing.press")),
    ]


def url(settings: Settings, name: str) -> str:
    return f"https://{name}:{settings.port}"


def welcome(settings: Settings, made: Certificates, accounts: list[str]) -> list[str]:
    """Where to go with a tablet, and what to do there the first time."""
    main = host(settings)
    others = [url(settings, str(address)) for address in reachable(settings) if str(address) != main]
    return [
        f"meetroom keeps its data in {settings.data_dir}",
        *(f"not in the certificate, so devices will warn: {name} (see `doctor`)" for name in made.uncovered),
        "",
        "Open on a device in the same network: " + ", ".join([url(settings, main), *others]),
        qr(url(settings, main)),
        f"The first time, install this server's certificate authority on the device: http://{main}:{settings.http_port}/ca",
        f"and compare its SHA-256 fingerprint: {made.ca.fingerprint}",
        "",
        *accounts,
    ]


def qr(text: str) -> str:
    """A QR code of half-block characters for a terminal."""
    drawing = io.StringIO()
    segno.make(text, error="l").terminal(drawing, border=2, compact=True)
    return drawing.getvalue().rstrip()


async def _when_ready(settings: Settings, say: Callable[[str], None], others: list[Coroutine[None, None, None]]) -> None:
    """The first page has the whole machine; the other processes, which need the web process, start once it answers."""
    context = ssl.create_default_context(cafile=settings.ca_certificate)
    while not await asyncio.to_thread(_answers, settings.local_url, context):
        await asyncio.sleep(POLL)
    async with asyncio.TaskGroup() as group:
        for other in others:
            group.create_task(other)
        say(f"ready {url(settings, host(settings))}")


def _answers(address: str, context: ssl.SSLContext) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5, context=context) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, reset, and HTTPError, which is one
        return False


async def _keep_certified(settings: Settings, say: Callable[[str], None]) -> None:
    """Renew the certificate in time and for new addresses. The web process takes it up by itself; what the media node
    announces stays as it was at the start."""
    before = reachable(settings)
    while True:
        await asyncio.sleep(CERTIFICATE_CHECK)
        made = await asyncio.to_thread(certify, settings)
        if made.renewed:
            say(f"the certificate was renewed, valid until {made.server.expires:%Y-%m-%d}")
        if reachable(settings) != before:
            before = reachable(settings)
            say(f"this machine's addresses are now {', '.join(map(str, before))}; start again to use them for sound and pictures")
