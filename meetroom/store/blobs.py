"""Files by the SHA-256 of their content: uploaded papers and page images. What is the same is kept once.

A blob is complete or absent: it is written under a passing name, synced, and renamed.
"""

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from meetroom.errors import Refusal

CHUNK = 1 << 16  # bytes read at once
FLUSH = 4 << 20  # bytes after which a growing file is synced, so that no single sync holds a process up for long
RESERVE = 200 << 20  # bytes of disk that files leave free: a running vote must still reach the database
STALE = 24 * 3600  # seconds after which an unfinished file belongs to a process that died
NAME = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Blobs:
    """The files below one folder: `ab/ab12…`, and `incoming/` for those being written."""

    def __init__(self, root: Path, reserve: int = RESERVE) -> None:
        self.root, self.reserve = root, reserve
        self.incoming = root / "incoming"
        self.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in self.incoming.iterdir():
            if leftover.stat().st_mtime < time.time() - STALE:
                leftover.unlink(missing_ok=True)

    def put(self, stream: Readable, limit: int) -> tuple[str, int]:
        """Keep what `stream` gives, at most `limit` bytes; returns SHA-256 and size, on disk by then.

        Raises Refusal `too_large` as soon as it is, and `disk_full`; neither leaves anything behind, nor does an
        error of the stream itself.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=self.incoming, delete=False) as file:
                draft = Path(file.name)
                try:
                    sha256, size = self._copy(stream, file, limit)
                    self._settle(draft, sha256)
                finally:
                    draft.unlink(missing_ok=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Refusal("disk_full") from error
            raise
        return sha256, size

    def path(self, sha256: str) -> Path:
        """Where the blob is or would be. Raises Refusal `not_found` for what is no SHA-256, whatever it looks like."""
        if not NAME.fullmatch(sha256):
            raise Refusal("not_found")
        return self.root / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The content, for reading. Raises Refusal `not_found`."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise Refusal("not_found") from None

    def remove(self, sha256: str) -> None:
        """Take it off the disk: nobody refers to it any more."""
        self.path(sha256).unlink(missing_ok=True)

    def _copy(self, stream: Readable, file: IO[bytes], limit: int) -> tuple[str, int]:
        digest, size, synced = hashlib.sha256(), 0, 0
        self._expect_room()
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refusal("too_large", {"limit": limit})
            digest.update(chunk)
            file.write(chunk)
            if size - synced >= FLUSH:
                self._expect_room()
                os.fdatasync(file.fileno())
                synced = size
        file.flush()
        os.fsync(file.fileno())
        return digest.hexdigest(), size

    def _settle(self, draft: Path, sha256: str) -> None:
        path = self.path(sha256)
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _expect_room(self) -> None:
        if shutil.disk_usage(self.root).free < self.reserve:
            raise Refusal("disk_full")
