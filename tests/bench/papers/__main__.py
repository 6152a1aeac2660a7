"""`make bench-papers`: what preparing papers costs, and how they reach a hall of tablets."""

from pathlib import Path

from tests.bench.figures import keep
from tests.bench.papers import reader, render, spread

OUT = Path("build/bench/papers.jsonl")


def main() -> None:
    keep([*render.figures(), *spread.figures(), *reader.figures()], OUT)


if __name__ == "__main__":
    main()
