import asyncio
from collections.abc import Awaitable, Callable

import pytest

from media.engine import Engine
from tests.media.engine.endpoint import ENGINES, Ears, Run, listening


@pytest.fixture(params=ENGINES)
def run(request: pytest.FixtureRequest) -> Run:
    """Every scene is played by every engine that runs here."""

    def play(scene: Callable[[Engine, Ears], Awaitable[None]]) -> None:
        async def played() -> None:
            async with listening(request.param) as (engine, ears):
                await scene(engine, ears)

        asyncio.run(played())

    return play
