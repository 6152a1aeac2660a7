import errno
import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from meetroom.errors import Refusal
from meetroom.store import blobs as module
from meetroom.store.blobs import Blobs


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


def test_a_file_is_kept_under_the_hash_of_its_content(tmp_path: Path) -> None:
    blobs, content = Blobs(tmp_path, reserve=0), os.urandom(300_000)
    sha256, size = blobs.put(io.BytesIO(content), 300_000)
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), 300_000)
    assert blobs.exists(sha256) and blobs.open(sha256).read() == content
    assert files(tmp_path) == [f"{sha256[:2]}/{sha256}"]


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, reserve=0)
    first = blobs.put(io.BytesIO(b"paper"), 100)
    before = blobs.path(first[0]).stat()
    assert blobs.put(io.BytesIO(b"paper"), 100) == first
    assert blobs.path(first[0]).stat().st_mtime_ns == before.st_mtime_ns and len(files(tmp_path)) == 1


def test_the_same_file_from_many_at_once(tmp_path: Path) -> None:
    blobs, content = Blobs(tmp_path, reserve=0), os.urandom(2_000_000)
    threads = [threading.Thread(target=lambda: blobs.put(io.BytesIO(content), len(content))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(tmp_path) == [f"{(sha256 := hashlib.sha256(content).hexdigest())[:2]}/{sha256}"]


def test_a_file_over_the_limit_is_refused_before_it_has_all_come(tmp_path: Path) -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return bytes(size)

    stream = Endless()
    assert refused(lambda: Blobs(tmp_path, reserve=0).put(stream, 1_000_000)) == "too_large"
    assert stream.given < 1_200_000 and files(tmp_path) == []


def test_exactly_the_limit_is_not_over_it(tmp_path: Path) -> None:
    assert Blobs(tmp_path, reserve=0).put(io.BytesIO(bytes(1000)), 1000)[1] == 1000


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_clearly_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
    blobs = Blobs(tmp_path, reserve=0)

    def full(_: int) -> None:
        raise OSError(fault, "full")

    monkeypatch.setattr(module.os, "fsync", full)
    assert refused(lambda: blobs.put(io.BytesIO(b"paper"), 100)) == "disk_full"
    assert files(tmp_path) == []


def test_the_last_of_the_disk_is_left_to_the_database(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, reserve=1 << 62)
    assert refused(lambda: blobs.put(io.BytesIO(b"paper"), 100)) == "disk_full"
    assert files(tmp_path) == []


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += 1
            if self.given > 3:
                raise ConnectionResetError
            return bytes(size)

    with pytest.raises(ConnectionResetError):
        Blobs(tmp_path, reserve=0).put(Broken(), 10**9)
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/" + "a" * 63])
def test_only_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    blobs = Blobs(tmp_path, reserve=0)
    for use in (blobs.path, blobs.exists, blobs.open):
        assert refused(lambda use=use: use(name)) == "not_found"  # type: ignore[misc]


def test_an_unknown_hash_is_not_found(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, reserve=0)
    assert not blobs.exists("0" * 64)
    assert refused(lambda: blobs.open("0" * 64)) == "not_found"


def test_what_a_dead_process_left_is_cleared_away_the_next_day(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, reserve=0)
    old, new = blobs.incoming / "old", blobs.incoming / "new"
    for draft in (old, new):
        draft.write_bytes(b"half")
    os.utime(old, (0, 0))
    Blobs(tmp_path, reserve=0)
    assert files(tmp_path) == ["incoming/new"]
