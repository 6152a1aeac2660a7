"""What has to be there before a process starts: folders, secrets, certificates, the database's tables."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings import Settings
from meetroom.operation import certificates
from meetroom.operation.addresses import certified
from meetroom.operation.certificates import Certificates


class NotReady(Exception):
    """Why the server cannot start, and what to do: a sentence for the technician."""


def prepare(settings: Settings) -> Certificates:
    """Make or renew everything; doing it again changes nothing. Raises NotReady."""
    from sqlalchemy.exc import SQLAlchemyError

    from meetroom.store.engine import open_store
    from meetroom.store.migrate import upgrade
    from meetroom.voting.service import seed_rules

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (settings.blobs, settings.run):
            folder.mkdir(exist_ok=True, mode=0o700)
        _ = settings.media_token_file
        made = certify(settings)
    except OSError as error:
        raise NotReady(f"cannot write to {error.filename or settings.data_dir}: {error.strerror}") from error
    try:
        upgrade(settings.database)
        with open_store(settings.database).write() as session:
            seed_rules(session)
    except SQLAlchemyError as error:
        raise NotReady(f"the database cannot be brought up to date: {str(error).splitlines()[0]}") from error
    return made


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
    settings.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.run / "server.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise NotReady(f"a server already runs in {settings.data_dir} (process {lock.read() or 'unknown'})") from None
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
