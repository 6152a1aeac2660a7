"""A call of three Chromium pages, with the module the front end uses."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from meetroom.conference.schema import Layer, PeerPlan, SendingChanged, SlotsChanged
from tests.media.browser import Participant, chromium
from tests.media.driver import Driver, camera, driven, screen


async def eventually(true: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> None:
    for _ in range(int(seconds / 0.1)):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not become true")


def is_magenta(seen: dict[str, Any] | None) -> bool:
    return seen is not None and seen["colour"][0] > 180 and seen["colour"][1] < 80 and seen["colour"][2] > 180


def informing(driver: Driver, *participants: Participant) -> None:
    """Each page learns what its slots show and what it should send, as the server would tell it."""
    by_name = {participant.name: participant for participant in participants}
    telling: set[asyncio.Task[None]] = set()

    def on_slots(changed: SlotsChanged) -> None:
        telling.add(asyncio.ensure_future(by_name[changed.peer].show(changed)))

    def on_sending(changed: SendingChanged) -> None:
        telling.add(asyncio.ensure_future(by_name[changed.peer].ask(changed)))

    driver.on_slots, driver.on_sending = on_slots, on_sending


def test_three_pages_in_a_call(tmp_path: Path) -> None:
    async def call() -> None:
        async with driven() as driver, chromium(tmp_path) as context:
            hall = Participant(driver, await context.new_page(), "hall")
            point = Participant(driver, await context.new_page(), "point")
            painter = Participant(driver, await context.new_page(), "painter")
            informing(driver, hall, point, painter)
            await scenes(driver, hall, point, painter)

    asyncio.run(call())


def test_another_node_takes_over(tmp_path: Path) -> None:
    """The node goes, with or without a goodbye; the pages offer to the next one, and the picture is back."""

    async def call() -> None:
        plan = (PeerPlan(peer="painter"), PeerPlan(peer="hall", stage=camera("painter")))
        async with chromium(tmp_path) as context:
            hall = Participant(None, await context.new_page(), "hall")
            painter = Participant(None, await context.new_page(), "painter")
            async with AsyncExitStack() as stopped:
                for takeover in ("at first", "after a goodbye", "after a crash"):
                    driver = await stopped.enter_async_context(driven())
                    informing(driver, hall, painter)
                    hall.driver = painter.driver = driver
                    driver.plan(*plan)
                    if takeover == "at first":
                        await painter.join(colour="#f0f")
                        await hall.join(receiveOnly=True)
                    elif takeover == "after a crash":
                        for participant in (painter, hall):
                            await participant.page.evaluate("call.restart()")
                    before = await hall.frames("0")
                    await eventually(lambda before=before: more(hall, "0", before))
                    await eventually(lambda: magenta(hall, "0"))
                    if takeover == "at first":
                        await stopped.aclose()
                    else:
                        driver.die()

    asyncio.run(call())


async def scenes(driver: Driver, hall: Participant, point: Participant, painter: Participant) -> None:
    speakers = (PeerPlan(peer="point", heard=True), PeerPlan(peer="painter"))
    driver.plan(*speakers, PeerPlan(peer="hall", stage=camera("point"), gallery=(camera("painter", Layer.LOW),)))
    await point.join(gum=True)
    await painter.join(colour="#f0f")
    await hall.join(receiveOnly=True)

    # both are seen, the stage in its highest layer, the gallery in its own
    async def all_layers() -> bool:
        stage, gallery = await hall.look("0"), await hall.look("1")
        return bool(stage and stage["width"] == 640 and not is_magenta(stage) and is_magenta(gallery))

    await eventually(all_layers)
    before = await hall.frames("0")
    await eventually(lambda: more(hall, "0", before + 20))

    # a lower layer: of a camera this small Chromium sends two
    driver.plan(*speakers, PeerPlan(peer="hall", stage=camera("point", Layer.LOW), gallery=(camera("painter"),)))
    await eventually(lambda: wide(hall, "0", 320))

    # another person
    driver.plan(*speakers, PeerPlan(peer="hall", stage=camera("painter")))
    await eventually(lambda: magenta(hall, "0"))
    before = await hall.frames("0")
    await eventually(lambda: more(hall, "0", before + 20))
    assert (await hall.look("0"))["shows"] == "painter/camera"

    # a screen, on the same slot, without another offer
    offers = point.offers
    await point.page.evaluate("call.setScreen(painted('#ff0'))")
    driver.plan(*speakers, PeerPlan(peer="hall", stage=screen("point")))
    await eventually(lambda: yellow(hall, "0"))
    assert point.offers == offers

    # ICE restart of the one who shows and of the one who sees
    for participant in (point, hall):
        before = await hall.frames("0")
        await participant.page.evaluate("call.restart()")
        await eventually(lambda before=before: more(hall, "0", before + 20))
    assert await hall.page.evaluate("states") == ["connected"]
    assert ("hall", "lost") not in driver.states


async def more(who: Participant, mid: str, than: int) -> bool:
    return await who.frames(mid) > than


async def wide(who: Participant, mid: str, width: int) -> bool:
    seen = await who.look(mid)
    return seen is not None and seen["width"] == width


async def magenta(who: Participant, mid: str) -> bool:
    return is_magenta(await who.look(mid))


async def yellow(who: Participant, mid: str) -> bool:
    seen = await who.look(mid)
    return seen is not None and seen["colour"][0] > 180 and seen["colour"][1] > 180 and seen["colour"][2] < 80
