"""Whether this machine can carry a sitting: one sentence per finding, and for each trouble what to do."""

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata

from config.settings import PREFIX, ROOT, Settings
from meetroom.documents.programs import installed
from meetroom.operation.prepare import AlreadyRuns, NotReady, busy_ports, certify, is_current, only_server

LEAST_DISK = 2 * 10**9  # bytes; a sitting's papers with their page images are some hundreds of megabytes
CERTIFICATE_SOON = timedelta(days=14)


class State(StrEnum):
    GOOD = "good"
    NOTE = "note"  # works, but worth knowing
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    state: State
    about: str
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check in turn. Changes nothing that a start would not change as well."""
    for about, check in CHECKS.items():
        try:
            for state, sentence in check(settings):
                yield Finding(state, about, sentence)
        except OSError as error:
            yield Finding(State.BAD, about, f"{error.filename or settings.data_dir}: {error.strerror}")


Check = Callable[[Settings], Iterator[tuple[State, str]]]


def _python(_: Settings) -> Iterator[tuple[State, str]]:
    """The packages are those of the lock file, and not what an older start left."""
    locked = re.findall(r"^([\w.-]+)==([^\s;]+)[^;]*?$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    wrong = [name for name, version in locked if not _installed(name, version)]
    if wrong:
        yield State.BAD, f"{len(wrong)} packages are not as locked ({', '.join(wrong[:3])}): make build"
    else:
        yield State.GOOD, f"{'.'.join(map(str, sys.version_info[:3]))} with {len(locked)} packages as locked"


def _installed(name: str, version: str) -> bool:
    try:
        return metadata.version(name) == version
    except metadata.PackageNotFoundError:
        return False


def _settings(settings: Settings) -> Iterator[tuple[State, str]]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    ours = (name for name in os.environ if name.startswith(PREFIX) and not name.startswith(PREFIX + "MEDIA_"))
    unknown = sorted(name for name in ours if name not in known)
    for name in unknown:
        yield State.NOTE, f"{name} is not a setting; config/default.toml lists them all"
    if not unknown:
        yield State.GOOD, f"data in {settings.data_dir}"


def _pages(settings: Settings) -> Iterator[tuple[State, str]]:
    if (settings.pages / "index.html").is_file():
        yield State.GOOD, "the front end is built"
    else:
        yield State.BAD, "the front end is not built: make build"


def _ports(settings: Settings) -> Iterator[tuple[State, str]]:
    try:
        with only_server(settings):
            busy = busy_ports(settings)
    except AlreadyRuns as running:
        yield State.GOOD, str(running)
        return
    except NotReady as trouble:
        yield State.BAD, str(trouble)
        return
    for sentence in busy:
        yield State.BAD, sentence
    if not busy:
        yield State.GOOD, f"TCP {settings.port}, {settings.http_port} and {settings.box_port}, UDP {settings.udp_port} are free"


def _disk(settings: Settings) -> Iterator[tuple[State, str]]:
    free = shutil.disk_usage(settings.data_dir).free
    state = State.GOOD if free >= LEAST_DISK else State.BAD
    yield state, f"{free / 1e9:.1f} GB free" + ("" if state == State.GOOD else f"; at least {LEAST_DISK / 1e9:g} GB are needed")


def _fonts(_: Settings) -> Iterator[tuple[State, str]]:
    """Papers without embedded fonts are drawn with those of the server."""
    try:
        found = subprocess.run(["fc-list", ":lang=vi", "family"], capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        found = []
    if any(found):
        yield State.GOOD, f"{len(set(found) - {''})} font families with Vietnamese letters"
    else:
        yield State.NOTE, "no font with Vietnamese letters for papers that bring none: apt install fontconfig fonts-noto-core"


def _programs(_: Settings) -> Iterator[tuple[State, str]]:
    """Papers that are no PDF, damaged ones, and scans need other people's programs."""
    for task, (gives, lacks, packages) in PROGRAMS.items():
        if installed(task):
            yield State.GOOD, gives
        else:
            yield State.NOTE, f"{lacks}: apt install {packages}"
    if installed("office") and "vi" not in _languages("Times New Roman"):
        yield (
            State.NOTE,
            "office files in Times New Roman get some Vietnamese letters from another font: apt install fonts-liberation2",
        )


PROGRAMS = {
    "office": (
        "LibreOffice makes pages of DOCX, XLSX and PPTX",
        "without LibreOffice papers must be PDF or pictures",
        "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    ),
    "redraw": (
        "poppler reads damaged PDF files",
        "without poppler some damaged PDF files are refused that it could read",
        "poppler-utils",
    ),
    "ocr": (
        "Tesseract reads scans in Vietnamese", "without Tesseract scans cannot be searched", "tesseract-ocr tesseract-ocr-vie"
    ),
}  # fmt: skip


def _languages(font: str) -> list[str]:
    """Those that the font which takes its place can write."""
    command = ["fc-match", "--format=%{lang}", font]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("|")
    except OSError:
        return []


def _database(settings: Settings) -> Iterator[tuple[State, str]]:
    try:
        current = is_current(settings)
    except NotReady as trouble:
        yield State.BAD, str(trouble)
        return
    if current:
        yield State.GOOD, "reachable and migrated"
    else:
        yield State.BAD, "not migrated to this version: python -m meetroom.cli init"


def _certificates(settings: Settings) -> Iterator[tuple[State, str]]:
    try:
        made = certify(settings)
    except NotReady as trouble:
        yield State.BAD, str(trouble)
        return
    for name in made.uncovered:
        yield (
            State.NOTE,
            (
                f"{name} is beyond what the local authority may vouch for: remove {settings.ca_certificate} and its key, "
                "start again, and install the new authority on every device"
            ),
        )
    left = made.ca.expires - datetime.now(UTC)
    yield (State.GOOD if left > timedelta(days=90) else State.NOTE), f"the authority ends {made.ca.expires:%Y-%m-%d}"
    yield State.GOOD, f"the server's certificate ends {made.server.expires:%Y-%m-%d} and is renewed by itself"


def _media(_: Settings) -> Iterator[tuple[State, str]]:
    """As media.engine.choice decides."""
    slow = "reference packet engine (Python): enough for a few points, not for a province"
    built = importlib.util.find_spec("media.engine.compiled")
    if os.environ.get("MEETROOM_MEDIA_ENGINE") == "reference":
        yield State.NOTE, f"{slow}; MEETROOM_MEDIA_ENGINE asks for it"
    elif built is None or built.origin is None:
        yield (
            State.NOTE,
            (f"{slow}; for the native one, as root: apt install gcc libc6-dev libssl-dev python3-dev; then: make build"),
        )
    else:
        try:
            ctypes.CDLL(built.origin)
            yield State.GOOD, "native packet engine"
        except OSError as error:
            yield State.NOTE, f"{slow}; the native one does not load: {error}"


def _box(settings: Settings) -> Iterator[tuple[State, str]]:
    """The Box of secret votes: its key, and what lies in its folder."""
    if not settings.box_key_file.is_file():
        yield State.BAD, f"{settings.box_key_file} is missing: python -m meetroom.cli init"
        return
    if settings.box_key_file.stat().st_mode & 0o077:
        yield State.BAD, f"others may read {settings.box_key_file}: chmod 600"
    running = len(list(settings.box.glob("*.sqlite")))
    yield State.GOOD, f"takes envelopes on port {settings.box_port}; {running} secret votes are in it now"
    if importlib.util.find_spec("gmpy2") is None:
        yield State.NOTE, "gmpy2 is missing: ballots are signed four times slower"


def _tests(_: Settings) -> Iterator[tuple[State, str]]:
    if shutil.which("chromium"):
        yield State.GOOD, "Chromium is installed"
    else:
        yield State.NOTE, "Chromium is missing; only the tests need it: make test installs it"


CHECKS: dict[str, Check] = {
    "Python": _python,
    "settings": _settings,
    "front end": _pages,
    "ports": _ports,
    "disk": _disk,
    "fonts": _fonts,
    "papers": _programs,
    "database": _database,
    "certificates": _certificates,
    "media node": _media,
    "Box": _box,
    "tests": _tests,
}
