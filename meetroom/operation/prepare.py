"""What has to be there before a process starts: folders, secrets, certificates, the database's tables."""

import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from config.settings import ROOT, Settings
from meetroom.operation import certificates
from meetroom.operation.addresses import certified
from meetroom.operation.certificates import Certificates
from meetroom.voting.secret.proof import new_key

MIGRATIONS = ROOT / "meetroom" / "store" / "migrations" / "versions"  # files named <revision>_<title>.py


class NotReady(Exception):
    """Why the server cannot start, and what to do: a sentence for the technician."""


class AlreadyRuns(NotReady):
    pass


@dataclass(frozen=True)
class Prepared:
    certificates: Certificates
    fresh: bool  # the embedded database was made just now


def prepare(settings: Settings) -> Prepared:
    """Make or renew everything; doing it again changes nothing. Raises NotReady."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (settings.blobs, settings.recordings, settings.run, settings.box):
            folder.mkdir(exist_ok=True, mode=0o700)
        _ = settings.media_token_file, settings.turn_key
        _make_box_key(settings)
        made = certify(settings)
    except OSError as error:
        raise NotReady(f"cannot write to {error.filename or settings.data_dir}: {error.strerror}") from error
    fresh = not settings.database_url and not settings.sqlite.exists()
    if not is_current(settings):
        _migrate(settings)
    return Prepared(made, fresh)


def _make_box_key(settings: Settings) -> None:
    """Made whole under another name first: a half-written key would never be made again."""
    if not settings.box_key_file.exists():
        draft = settings.box_key_file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(new_key())
        draft.rename(settings.box_key_file)


def is_current(settings: Settings) -> bool:
    """Whether the database has seen every migration. The embedded one is asked without loading what runs migrations,
    which is a quarter of a start. Raises NotReady when a database cannot be asked."""
    if settings.database_url:
        return _is_current_elsewhere(settings)
    if not settings.sqlite.exists():
        return False
    newest = max(path.name.split("_")[0] for path in MIGRATIONS.glob("[0-9]*.py"))
    try:
        with closing(sqlite3.connect(settings.sqlite)) as connection:
            return bool(connection.execute("SELECT version_num FROM alembic_version").fetchone() == (newest,))
    except sqlite3.OperationalError:  # no such table: it was made and not yet migrated
        return False
    except sqlite3.DatabaseError as error:
        raise NotReady(f"{settings.sqlite}: {error}; restore a backup into an empty data folder") from error


def _is_current_elsewhere(settings: Settings) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    from meetroom.store import migrate

    try:
        return migrate.is_current(settings.database)
    except SQLAlchemyError as error:
        raise NotReady(f"the database is not reachable: {str(error).splitlines()[0]}") from error


def _migrate(settings: Settings) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from meetroom.store import migrate

    try:
        migrate.upgrade(settings.database)
    except SQLAlchemyError as error:
        raise NotReady(f"the database cannot be brought up to date: {str(error).splitlines()[0]}") from error


def demo_accounts(settings: Settings, prepared: Prepared, *, wanted: bool) -> list[str]:
    """What to print about demo accounts. If `wanted`, a database without people is filled with the demo first; a file beside
    the data keeps the answer, so that later starts need not look."""
    file = settings.data_dir / "demo-accounts.txt"
    if wanted and (prepared.fresh or not file.exists()):
        from meetroom import demo
        from meetroom.store.blobs import Blobs
        from meetroom.store.engine import open_store

        store = open_store(settings.database)
        try:
            file.write_text("\n".join(demo.fill(store, Blobs(settings.blobs))), encoding="utf-8")
        except BaseException:  # Ctrl-C as well: nobody would complete half a demo, so the next start begins anew
            store.close()
            if prepared.fresh:
                settings.sqlite.unlink()
            raise
        store.close()
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def certify(settings: Settings) -> Certificates:
    """The certificates of this machine as its names and addresses are now."""
    names, addresses = certified(settings)
    try:
        return certificates.ensure(settings.certificates, names=names, addresses=addresses)
    except ValueError as error:
        raise NotReady(str(error)) from error


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the data folder: two servers in one would take each other's work. Let go by the kernel however we end."""
    try:
        settings.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock_file = (settings.run / "server.lock").open("a+")
    except OSError as error:
        raise NotReady(f"cannot write to {settings.run}: {error.strerror}") from error
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRuns(f"a server already runs in {settings.data_dir} (process {lock.read() or 'unknown'})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def busy_ports(settings: Settings) -> list[str]:
    """Each port that another program holds, as a sentence that names the setting."""
    wanted = (
        ("port", socket.SOCK_STREAM, settings.port),
        ("http_port", socket.SOCK_STREAM, settings.http_port),
        ("udp_port", socket.SOCK_DGRAM, settings.udp_port),
        ("box_port", socket.SOCK_STREAM, settings.box_port),
    )
    sentences = []
    for name, kind, port in wanted:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: closed connections may linger
            try:
                probe.bind((str(settings.bind), port))
            except OSError as error:
                protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
                change = f"set MEETROOM_{name.upper()} to another"
                sentences.append(f"{protocol} port {port} on {settings.bind}: {error.strerror}; {change}")
    return sentences
