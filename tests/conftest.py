"""What tests share: real databases of both kinds, a house whose journal is listened to, and the demo's personas."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meetroom.store.engine import Store, open_store
from meetroom.store.migrate import upgrade
from tests.postgresql import Cluster
from tests.sitting import Sitting


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL server of Debian's package on a free port, with a migrated template database."""
    cluster = Cluster.start()
    try:
        cluster.create("template")
        upgrade(cluster.url("template"))
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    file = tmp_path / "meetroom.sqlite"
    shutil.copy(sqlite_template, file)
    store = open_store(f"sqlite:///{file}")
    yield store
    store.close()


@pytest.fixture
def postgresql_store(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Store]:
    name = f"t{abs(hash(request.node.nodeid))}"
    cluster.create(name, template="template")
    store = open_store(cluster.url(name))
    yield store
    store.close()
    cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """The same tests on both databases."""
    chosen: Store = request.getfixturevalue(f"{request.param}_store")
    return chosen


@pytest.fixture
def sitting(sqlite_store: Store, tmp_path: Path) -> Sitting:
    """A draft meeting with its people, on SQLite; nothing has happened yet."""
    return Sitting(sqlite_store, tmp_path / "blobs")


@pytest.fixture
def sitting_on(tmp_path: Path) -> Callable[[Store], Sitting]:
    """The same on a store of one's choice."""
    return lambda store: Sitting(store, tmp_path / "blobs")
