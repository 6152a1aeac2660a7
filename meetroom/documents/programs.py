"""Other people's programs that turn papers into PDF or pictures into words, where they are installed.

Each runs once per file, confined, in a folder of its own that is gone afterwards. Whether it has done its work is seen from
the file it should have written: `soffice` ends with 0 when it failed.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meetroom.documents.confinement import ANYTHING, MAKE_SOCKETS, READ_AND_RUN, Limits

# What a program needs of the machine: itself, its libraries and fonts. Nothing of /home, /root, /var/lib or the data folder.
ALLOWED = {Path(path): READ_AND_RUN for path in (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/var/cache/fontconfig", "/dev/urandom", "/etc/fonts", "/etc/ld.so.cache",
    "/etc/libreoffice", "/etc/papersize", "/etc/alternatives", "/etc/localtime",
)} | {Path("/dev/null"): ANYTHING, Path("/tmp"): MAKE_SOCKETS}  # fmt: skip  # soffice talks to itself through a socket there
TESSDATA = Path("/usr/share/tesseract-ocr")
LANGUAGE = "vie"


@dataclass(frozen=True)
class Program:
    """`command` for the paper's file in the folder; `result` is what it writes there."""

    command: Callable[[Path, Path], list[str]]
    result: str
    limits: Limits


def _office(folder: Path, paper: Path) -> list[str]:
    return [
        "soffice", "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo",
        f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf", "--outdir", str(folder / "out"), str(paper),
    ]  # fmt: skip


def _redraw(folder: Path, paper: Path) -> list[str]:
    return ["pdftocairo", "-pdf", str(paper), str(folder / "out" / "paper.pdf")]


def _ocr(folder: Path, paper: Path) -> list[str]:
    return ["tesseract", str(paper), str(folder / "out" / "paper"), "-l", LANGUAGE, "--psm", "3", "tsv"]


PROGRAMS = {
    "office": Program(_office, "paper.pdf", Limits(cpu=60, wall=90, memory=3 << 30, files=512, processes=256)),
    "redraw": Program(_redraw, "paper.pdf", Limits(cpu=60, wall=90, files=256, processes=64)),
    "ocr": Program(_ocr, "paper.tsv", Limits(cpu=60, wall=120, files=256, processes=64)),
}

# A profile in which nothing in a file runs, and nothing outside it is fetched.
SETTINGS = {
    "Common/Security/Scripting": dict.fromkeys(
        ("DisableMacrosExecution", "BlockUntrustedRefererLinks", "DisableActiveContent"), "true"
    ),
    "Writer/Content/Update": {"Link": "2"},  # never
    "Calc/Content/Update": {"Link": "2"},
}


def profile() -> str:
    """LibreOffice's registrymodifications.xcu."""
    items = (
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, values in SETTINGS.items()
        for name, value in values.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    return "\n".join([head, *items, "</oor:items>\n"])


def environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}


def installed(task: str) -> bool:
    """Whether the program for it is on this machine."""
    match task:
        case "office":
            return shutil.which("soffice", path="/usr/bin:/bin") is not None
        case "redraw":
            return shutil.which("pdftocairo", path="/usr/bin:/bin") is not None
        case "ocr":
            trained = any(TESSDATA.glob(f"*/tessdata/{LANGUAGE}.traineddata"))
            return trained and shutil.which("tesseract", path="/usr/bin:/bin") is not None
    return False
