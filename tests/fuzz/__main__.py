"""`python -m tests.fuzz [TARGET…] [--runs N | --seconds N]`: feeds each target what libFuzzer thinks of, guided by the
lines of the readers it reaches (atheris). What breaks one is left in the folder, and is the end of it with an error."""

import argparse
import os
import sys
from pathlib import Path

import atheris

READERS = ["media", "aioice", "meetroom.conference"]
with atheris.instrument_imports(include=READERS, enable_loader_override=False):
    from tests.fuzz.targets import SEEDS, TARGETS

LIBFUZZER = ["-max_len=4096", "-len_control=0", "-timeout=10", "-seed=1", "-verbosity=0"]


def fuzz(name: str, folder: Path, flags: list[str]) -> int:
    """In a process of its own, because libFuzzer ends that, well or not. Returns 0 if nothing broke."""
    seeds, found = folder / name / "seeds", folder / name / "found"
    for path in (seeds, found):
        path.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(SEEDS[name]):
        (seeds / f"seed{i}").write_bytes(seed)
    print(f"{name}:", flush=True)
    child = os.fork()
    if not child:
        places = [f"-artifact_prefix={folder / name}/", str(found), str(seeds)]
        atheris.Setup([sys.argv[0], *LIBFUZZER, *flags, *places], TARGETS[name])
        atheris.Fuzz()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=0, help="for each target")
    parser.add_argument("--runs", type=int, default=-1, help="of each target")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"), help="keeps what was found, to go on from it")
    options = parser.parse_args()
    flags = [f"-max_total_time={options.seconds}", f"-runs={options.runs}"]
    broken = [name for name in options.targets or TARGETS if fuzz(name, options.folder, flags)]
    print(f"broken: {', '.join(broken)}" if broken else "nothing broke")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
