"""`make bench-papers`: what preparing papers costs, and how they reach a hall of tablets."""

from pathlib import Path

from tests.bench.figures import keep
from tests.bench.papers import render, spread

OUT = Path("build/bench/papers.jsonl")


def main() -> None:
    keep([*render.figures(), *spread.figures()], OUT)


if __name__ == "__main__":
    main()
