"""`python -m media.engine.bind FILE`: writes the C source that binds the engine's headers to Python, for the Makefile to
compile with the engine. Exits with a sentence if this machine cannot."""

import re
import sys
import sysconfig
from pathlib import Path

import cffi

HERE = Path(__file__).parent
HEADERS = ("engine.h", "srtp.h", "rtp.h", "rewrite.h")
"""The engine itself, and those of its parts that tests compare with Python's."""


def declarations() -> str:
    """What cffi can read of the headers: everything but the preprocessor's lines."""
    return "\n".join(re.sub(r"^#.*$", "", (HERE / header).read_text(), flags=re.MULTILINE) for header in HEADERS)


def main(target: str) -> None:
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        sys.exit("Python.h is missing")
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    ffi.set_source("media.engine.compiled", "".join(f'#include "{header}"\n' for header in HEADERS))
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    ffi.emit_c_code(target)


if __name__ == "__main__":
    main(sys.argv[1])
