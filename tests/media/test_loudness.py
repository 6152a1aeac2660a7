from media.loudness import Loudness


def talk(loudness: Loudness, voice: str, start: float, seconds: float, level: int = 20) -> float:
    """Packets of 20 ms; returns when it ended."""
    packets = int(seconds * 50)
    for i in range(packets):
        loudness.hear(voice, level, start + i * 0.02)
    return start + packets * 0.02


def test_a_voice_rises_and_falls() -> None:
    loudness = Loudness()
    assert not loudness.speaking("an", 0.0)
    end = talk(loudness, "an", 0.0, 1.0)
    assert loudness.speaking("an", end)
    silent = talk(loudness, "an", end, 3.0, level=127)
    assert not loudness.speaking("an", silent)


def test_a_voice_that_stops_sending_falls_too() -> None:
    loudness = Loudness()
    end = talk(loudness, "an", 0.0, 1.0)
    assert not loudness.speaking("an", end + 3.0)
    assert loudness.of("an", end + 60) < 1


def test_a_click_is_not_speech() -> None:
    loudness = Loudness()
    loudness.hear("an", 0, 0.0)
    assert not loudness.speaking("an", 0.0)
    loudness.hear("an", 0, 50.0)  # nor is one after a long pause
    assert not loudness.speaking("an", 50.0)


def test_a_quiet_room_is_not_speech() -> None:
    loudness = Loudness()
    end = talk(loudness, "an", 0.0, 10.0, level=65)
    assert not loudness.speaking("an", end)


def test_a_voice_keeps_its_place_until_another_is_clearly_louder() -> None:
    loudness = Loudness()
    talk(loudness, "an", 0.0, 2.0, level=30)
    end = talk(loudness, "binh", 0.0, 2.0, level=25)
    assert loudness.rank({"an", "binh"}, ["an", "binh"], end) == ["an", "binh"]
    talk(loudness, "an", end, 2.0, level=127)
    end = talk(loudness, "binh", end, 2.0, level=25)
    assert loudness.rank({"an", "binh"}, ["an", "binh"], end) == ["binh", "an"]


def test_the_clearly_loudest_is_first_however_many_are_between() -> None:
    loudness = Loudness()
    for i, voice in enumerate("abcd"):
        end = talk(loudness, voice, 0.0, 3.0, level=60 - 10 * i)
    assert loudness.rank("abcd", "abcd", end)[0] in "cd"
    assert loudness.rank("abcd", "", end)[0] in "cd"


def test_voices_come_and_go() -> None:
    loudness = Loudness()
    assert loudness.rank({"chi", "an", "binh"}, ["binh", "gone"], 0.0) == ["binh", "an", "chi"]


def test_levels_with_a_clock_that_stands_still_or_goes_back_do_no_harm() -> None:
    loudness = Loudness()
    for at in (5.0, 5.0, 4.0, 5.0):
        loudness.hear("an", 0, at)
    assert 0 <= loudness.of("an", 5.0) <= 127
