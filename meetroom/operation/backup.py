"""Everything a server keeps in one file, and back."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from sqlalchemy import make_url

from config.settings import Settings
from meetroom.wire import utc

FORMAT = 1
MANIFEST = "backup.json"  # the last member: format, moment, and the SHA-256 of every other
DATABASE = "meetroom.sqlite"
DUMP = "meetroom.pgdump"
# Not the Box: while a vote is open its file would tell, beside an earlier or later copy, which slots came in between. Once the
# vote is closed, its envelopes are in the database, sorted, without slots. A vote that is open at a restore has to be repeated.
ALSO = ("blobs", "certificates", "media.token", "turn.secret", "meetroom.toml")


class BackupError(Exception):
    """A sentence for the technician."""


def backup(settings: Settings, file: Path) -> int:
    """Write everything into `file` while the server runs; returns its size in bytes. The file holds keys and password
    hashes: only its owner can read it. It appears whole or not at all."""
    draft = file.with_name(file.name + ".part")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _fill(tar, settings)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(settings: Settings, file: Path) -> str:
    """Fill an empty data folder from `file`; returns the moment of the backup (ISO 8601). A failure leaves it empty."""
    data = settings.data_dir
    if data.exists() and any(entry.name != "lost+found" for entry in data.iterdir()):
        raise BackupError(f"the data folder {data} is not empty; set MEETROOM_DATA_DIR to an empty one")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = data / ".restoring"
    try:
        moment = _unpack(file, draft)
        if (draft / DUMP).exists():
            _restore_postgresql(settings.database, draft / DUMP)
            (draft / DUMP).unlink()
        elif settings.database_url:
            raise BackupError("this backup holds an SQLite database, but database_url names another; remove that setting first")
        for entry in draft.iterdir():
            entry.rename(data / entry.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return moment


def _fill(tar: tarfile.TarFile, settings: Settings) -> None:
    """The database first: papers are on disk before a row names them, so those of a moment later hold all it names."""
    sums: dict[str, str] = {}
    with _database_copy(settings) as copy:
        _add(tar, copy, copy.name, sums)
    for name in ALSO:
        top = settings.data_dir / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.parent != settings.blobs / "incoming":  # still being written
                _add(tar, path, str(path.relative_to(settings.data_dir)), sums)
    manifest = json.dumps({"format": FORMAT, "made_at": utc(datetime.now(UTC)), "sha256": sums}, indent=1).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(manifest), 0o600
    tar.addfile(entry, io.BytesIO(manifest))


def _add(tar: tarfile.TarFile, path: Path, name: str, sums: dict[str, str]) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = 0o600, int(path.stat().st_mtime)
    with path.open("rb") as content:
        sums[name] = hashlib.file_digest(content, "sha256").hexdigest()
        entry.size = content.tell()
        content.seek(0)
        tar.addfile(entry, content)


@contextmanager
def _database_copy(settings: Settings) -> Iterator[Path]:
    """A copy of one moment of the database, in a file that is gone afterwards."""
    with TemporaryDirectory(dir=settings.data_dir) as folder:
        url = make_url(settings.database)
        if url.get_backend_name() == "sqlite":
            copy = Path(folder) / DATABASE
            source, target = sqlite3.connect(str(url.database)), sqlite3.connect(copy)
            with source, target:
                source.backup(target)
            source.close()
            target.close()
        else:
            copy = Path(folder) / DUMP
            _postgresql(["pg_dump", "--format=custom", f"--file={copy}"], settings.database)
        yield copy


def _restore_postgresql(url: str, dump: Path) -> None:
    if make_url(url).get_backend_name() != "postgresql":
        raise BackupError("this backup holds a PostgreSQL database; set database_url to an empty one")
    _postgresql(["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", str(dump)], url)


def _postgresql(command: list[str], url: str) -> None:
    """libpq takes the same URL, without the name of Python's driver, and the password where `ps` does not show it."""
    parts = make_url(url)
    libpq = parts.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "PGPASSWORD": str(parts.password)} if parts.password else None
    try:
        subprocess.run([*command, f"--dbname={libpq}"], check=True, capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is missing: apt install postgresql-client") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]}: {error.stderr.strip()}") from error


def _unpack(file: Path, into: Path) -> str:
    """Only what the manifest lists, each with its sum, inside the folder: a backup may come from anywhere."""
    try:
        with tarfile.open(file) as tar:
            entries = {entry.name: entry for entry in tar.getmembers() if entry.isreg()}
            manifest = json.load(_open(tar, entries, MANIFEST))
            if manifest["format"] != FORMAT:
                raise BackupError(f"{file} has format {manifest['format']}, this version reads {FORMAT}")
            for name, sum in manifest["sha256"].items():
                _extract(_open(tar, entries, name), into, name, sum)
    except (tarfile.TarError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"{file} is not a whole meetroom backup: {error}") from error
    return str(manifest["made_at"])


def _open(tar: tarfile.TarFile, entries: dict[str, tarfile.TarInfo], name: str) -> IO[bytes]:
    content = tar.extractfile(entries[name])
    assert content is not None, "only regular files are in entries"
    return content


def _extract(content: IO[bytes], into: Path, name: str, sum: str) -> None:
    path = into / name
    if not path.resolve().is_relative_to(into.resolve()) or Path(name).parts[0] not in (DATABASE, DUMP, *ALSO):
        raise BackupError(f"the backup names {name!r}, which is not a place for its files")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
        shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())
        out.seek(0)
        if hashlib.file_digest(out, "sha256").hexdigest() != sum:
            raise BackupError(f"{name} in the backup is damaged")
