"""One database, SQLite embedded or PostgreSQL grown, behind the same few lines."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session


class Store:
    """An open database. `read()` gives a session that only looks; `write(stream)` one transaction that is on disk
    when it returns. Both may be used from any thread or greenlet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.sqlite else _postgresql(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for queries. Whatever it holds is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction. SQLite's single writer is taken at once (BEGIN IMMEDIATE), so that a transaction never
        fails half-way because another process wrote; committed = on disk, else rolled back and raised."""
        with Session(self.engine.execution_options(writes=True), expire_on_commit=False) as session, session.begin():
            yield session

    def lane(self, stream: int) -> int:
        """Which writes wait for each other: all of them on SQLite, those of one stream on PostgreSQL."""
        return 0 if self.sqlite else stream

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database `url` (`sqlite:///file` or `postgresql+psycopg://...`). Migrate it first, see `migrate.upgrade`."""
    return Store(url)


def _sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})
    setup = threading.Lock()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling knows no savepoints: switch it off, and say BEGIN ourselves.
        connection.isolation_level = None
        with setup:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-16000"):
                connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    durable = {"options": "-c synchronous_commit=on"}
    return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, connect_args=durable)
