import io
import json
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from config.settings import Settings
from meetroom.operation.accounts import set_account
from meetroom.operation.backup import FORMAT, BackupError, backup, restore
from meetroom.store.engine import open_store
from meetroom.store.migrate import is_current
from tests.postgresql import Cluster


def server(folder: Path) -> Settings:
    return Settings(data_dir=folder)  # type: ignore[call-arg]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A server with something of everything; its database is open and in WAL mode, as while it runs."""
    settings = server(tmp_path / "here")
    (settings.blobs / "ab").mkdir(parents=True)
    (settings.blobs / "ab" / "abcd").write_bytes(b"\0page" * 1000)
    settings.certificates.mkdir()
    settings.ca_certificate.write_text("authority")
    (settings.data_dir / "meetroom.toml").write_text("port = 9000\n")
    (settings.run / "server.lock").parent.mkdir()
    (settings.run / "server.lock").write_text("1")
    assert settings.media_token_file
    return settings


@pytest.fixture
def database(here: Settings):  # type: ignore[no-untyped-def]
    connection = sqlite3.connect(here.data_dir / "meetroom.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE votes (choice TEXT)")
    connection.execute("INSERT INTO votes VALUES ('tán thành')")
    yield connection
    connection.close()


def votes(settings: Settings) -> list[str]:
    connection = sqlite3.connect(settings.data_dir / "meetroom.sqlite")
    rows = [row[0] for row in connection.execute("SELECT choice FROM votes")]
    connection.close()
    return rows


def test_what_was_backed_up_is_restored(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    size = backup(here, tmp_path / "all.tar")
    there = server(tmp_path / "there")
    restore(there, tmp_path / "all.tar")
    assert size == (tmp_path / "all.tar").stat().st_size
    assert votes(there) == ["tán thành"]
    passing = ("meetroom.sqlite", "run/")
    kept = {name: content for name, content in contents(here.data_dir).items() if not name.startswith(passing)}
    assert {name: content for name, content in contents(there.data_dir).items() if name != "meetroom.sqlite"} == kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in there.data_dir.rglob("*") if path.is_file())


def test_a_backup_holds_one_moment_while_the_server_writes(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO votes VALUES ('not committed')")
    backup(here, tmp_path / "all.tar")
    database.execute("COMMIT")
    restore(server(tmp_path / "there"), tmp_path / "all.tar")
    assert votes(server(tmp_path / "there")) == ["tán thành"]


def test_only_its_owner_reads_a_backup(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    backup(here, tmp_path / "all.tar")
    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["all.tar"]


def test_a_folder_with_anything_in_it_is_refused_and_untouched(
    here: Settings, database: sqlite3.Connection, tmp_path: Path
) -> None:
    backup(here, tmp_path / "all.tar")
    before = contents(here.data_dir)
    with pytest.raises(BackupError, match="not empty"):
        restore(here, tmp_path / "all.tar")
    assert contents(here.data_dir) == before


def tar(file: Path, members: dict[str, bytes], sums: dict[str, str] | None = None, format: int = FORMAT) -> None:
    """A made-up backup; `sums` default to right ones."""
    sums = {name: sha256(content).hexdigest() for name, content in members.items()} if sums is None else sums
    manifest = json.dumps({"format": format, "made_at": "2026-01-01T00:00:00.000Z", "sha256": sums}).encode()
    with tarfile.open(file, "w") as out:
        for name, content in {**members, "backup.json": manifest}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))


def link(file: Path) -> None:
    with tarfile.open(file, "w") as out:
        entry = tarfile.TarInfo("blobs/x")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(entry)
        manifest = json.dumps({"format": FORMAT, "made_at": "", "sha256": {"blobs/x": "0"}}).encode()
        entry = tarfile.TarInfo("backup.json")
        entry.size = len(manifest)
        out.addfile(entry, io.BytesIO(manifest))


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"junk" * 5000),
        lambda file: tar(file, {"meetroom.sqlite": b"x"}, {"meetroom.sqlite": "0" * 64}),
        lambda file: tar(file, {"meetroom.sqlite": b"x"}, {"blobs/lost": "0" * 64}),
        lambda file: tar(file, {"../outside": b"x"}),
        lambda file: tar(file, {"blobs/../../outside": b"x"}),
        lambda file: tar(file, {"/tmp/outside": b"x"}),
        lambda file: tar(file, {"run/server.lock": b"x"}),
        lambda file: tar(file, {}, format=99),
        lambda file: tar(file, {}, sums=[]),  # type: ignore[arg-type]
        link,
    ],
    ids=["empty", "junk", "sum", "missing", "outside", "outside by blobs", "absolute", "no place", "format", "no sums", "link"],
)
def test_a_damaged_or_forged_backup_is_refused_and_leaves_nothing(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "all.tar")
    there = server(tmp_path / "there")
    with pytest.raises(BackupError):
        restore(there, tmp_path / "all.tar")
    assert contents(there.data_dir) == {}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["all.tar"]


def test_a_cut_off_backup_is_refused(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    backup(here, tmp_path / "all.tar")
    whole = (tmp_path / "all.tar").read_bytes()
    for share in (0.1, 0.5, 0.9):
        (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(BackupError):
            restore(server(tmp_path / "there"), tmp_path / "cut.tar")


def test_a_failed_backup_keeps_the_one_before(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    backup(here, tmp_path / "all.tar")
    before = (tmp_path / "all.tar").read_bytes()
    database.close()
    (here.data_dir / "meetroom.sqlite").write_bytes(b"no database at all" * 100)
    (here.data_dir / "meetroom.sqlite-wal").unlink(missing_ok=True)
    with pytest.raises(sqlite3.DatabaseError):
        backup(here, tmp_path / "all.tar")
    assert (tmp_path / "all.tar").read_bytes() == before


@pytest.fixture
def databases(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """A migrated database and an empty one."""
    cluster.create("kept", template="template")
    cluster.create("empty")
    yield cluster.url("kept"), cluster.url("empty")
    cluster.drop("kept")
    cluster.drop("empty")


def test_postgresql_is_in_the_backup_too(databases: tuple[str, str], tmp_path: Path) -> None:
    here = Settings(data_dir=tmp_path / "here", database_url=databases[0])  # type: ignore[call-arg]
    there = Settings(data_dir=tmp_path / "there", database_url=databases[1])  # type: ignore[call-arg]
    here.data_dir.mkdir()
    set_account(open_store(here.database), "quan.tri", "mat-khau-1", full_name="Lê Bá Thành", house_role="admin")
    backup(here, tmp_path / "all.tar")
    with pytest.raises(BackupError, match="set database_url to an empty one"):
        restore(server(tmp_path / "sqlite"), tmp_path / "all.tar")
    restore(there, tmp_path / "all.tar")
    assert is_current(there.database)
    assert not set_account(open_store(there.database), "quan.tri", "mat-khau-2", full_name="", house_role="admin")
    again = Settings(data_dir=tmp_path / "again", database_url=databases[1])  # type: ignore[call-arg]
    with pytest.raises(BackupError, match="already exists"):
        restore(again, tmp_path / "all.tar")


def test_an_embedded_database_does_not_go_into_another(here: Settings, database: sqlite3.Connection, tmp_path: Path) -> None:
    backup(here, tmp_path / "all.tar")
    there = Settings(data_dir=tmp_path / "there", database_url="postgresql+psycopg://nowhere/x")  # type: ignore[call-arg]
    with pytest.raises(BackupError, match="remove that setting"):
        restore(there, tmp_path / "all.tar")
    assert contents(there.data_dir) == {}
