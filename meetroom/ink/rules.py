"""Pure rules of ink: how a stroke is coded, and where marks may lie.

A stroke is a row of points (x, y, pressure): x and y in ten-thousandths of the page's width and height, pressure 0 to
255. It is coded as the differences from each point to the next, each number as a zigzag varint (7 bits a byte, lowest
first, the eighth says that more follow; Protocol Buffers, "Encoding"), the whole in base64. A point takes about 4 letters.
"""

import base64
import binascii
from collections.abc import Sequence

from meetroom.errors import Refusal

Point = tuple[int, int, int]

# A stroke may run into the margin beside the page, and a little beyond its other edges.
LEAST_X, MOST_X, LEAST_Y, MOST_Y = -5_000, 15_000, -1_000, 11_000
MOST_POINTS = 3_000
MOST_MARKS = 20_000  # of one member in one meeting; fifty a page in four hundred pages


def encode(points: Sequence[Point]) -> str:
    """The stroke as it crosses a wire."""
    out, before = bytearray(), (0, 0, 0)
    for point in points:
        for value, last in zip(point, before, strict=True):
            difference = value - last
            rest = difference * 2 if difference >= 0 else -difference * 2 - 1
            while rest > 127:
                out.append(rest & 127 | 128)
                rest >>= 7
            out.append(rest)
        before = point
    return base64.b64encode(out).decode()


def decode(code: str) -> list[Point]:
    """The points of a stroke. Raises Refusal `invalid` for what is none, or lies where no hand can have drawn."""
    try:
        numbers = list(_numbers(base64.b64decode(code, validate=True)))
    except (ValueError, binascii.Error):
        raise _no_stroke() from None
    if not numbers or len(numbers) % 3 or len(numbers) > 3 * MOST_POINTS:
        raise _no_stroke()
    points, x, y, pressure = [], 0, 0, 0
    for at in range(0, len(numbers), 3):
        x, y, pressure = x + numbers[at], y + numbers[at + 1], pressure + numbers[at + 2]
        if not (LEAST_X <= x <= MOST_X and LEAST_Y <= y <= MOST_Y and 0 <= pressure <= 255):
            raise _no_stroke()
        points.append((x, y, pressure))
    return points


def _numbers(data: bytes) -> list[int]:
    numbers, rest, shift = [], 0, 0
    for byte in data:
        if shift > 21:
            raise ValueError("longer than any difference can be")
        rest |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(-(rest + 1 >> 1) if rest & 1 else rest >> 1)
            rest, shift = 0, 0
    if shift:
        raise ValueError("cut off")
    return numbers


def _no_stroke() -> Refusal:
    return Refusal("invalid", [{"field": "marks.points", "problem": "stroke"}])


def expect_whole(kind: str, points: str, text: str) -> None:
    """Raises Refusal `invalid` unless a note has words and a stroke has points, and neither has the other's."""
    if kind == "note":
        if points or not text:
            raise Refusal("invalid", [{"field": "marks.text", "problem": "missing"}])
    elif text:
        raise Refusal("invalid", [{"field": "marks.text", "problem": "extra"}])
    else:
        decode(points)
