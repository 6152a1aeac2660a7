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


def test_who_is_heard_keeps_the_place_until_someone_is_clearly_louder() -> None:
    loudness = Loudness()
    talk(loudness, "an", 0.0, 2.0, level=30)
    end = talk(loudness, "binh", 0.0, 2.0, level=25)
    assert loudness.rank({"an", "binh"}, set(), end)[0] == "binh"
    assert loudness.rank({"an", "binh"}, {"an"}, end)[0] == "an"
    talk(loudness, "an", end, 2.0, level=127)
    end = talk(loudness, "binh", end, 2.0, level=25)
    assert loudness.rank({"an", "binh"}, {"an"}, end)[0] == "binh"


def test_levels_with_a_clock_that_stands_still_or_goes_back_do_no_harm() -> None:
    loudness = Loudness()
    for at in (5.0, 5.0, 4.0, 5.0):
        loudness.hear("an", 0, at)
    assert 0 <= loudness.of("an", 5.0) <= 127
