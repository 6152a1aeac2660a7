"""What a container has to know of an H.264 stream. Everything that reads raises ValueError on bytes that do not parse."""

from collections.abc import Iterator


def units(frame: bytes) -> Iterator[bytes]:
    """The NAL units of a frame, each of which follows its length in four bytes."""
    while frame:
        size = int.from_bytes(frame[:4], "big")
        yield frame[4 : 4 + size]
        frame = frame[4 + size :]


def parameter_sets(frame: bytes) -> tuple[bytes, bytes] | None:
    """The first sequence and picture parameter set in it."""
    sps = next((unit for unit in units(frame) if unit[0] & 31 == 7), None)
    pps = next((unit for unit in units(frame) if unit[0] & 31 == 8), None)
    return (sps, pps) if sps is not None and pps is not None else None


def decoder_configuration(frame: bytes) -> bytes:
    """The record of ISO/IEC 14496-15 that a container carries, from a key frame."""
    sets = parameter_sets(frame)
    if sets is None:
        raise ValueError("no parameter sets")
    sps, pps = sets
    lengths = len(sps).to_bytes(2, "big"), len(pps).to_bytes(2, "big")
    return b"\x01" + sps[1:4] + b"\xff\xe1" + lengths[0] + sps + b"\x01" + lengths[1] + pps


def picture_size(sps: bytes) -> tuple[int, int]:
    """Pixels, by the sequence parameter set (H.264, 7.3.2.1.1)."""
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.fixed(8)
    bits.fixed(16)
    bits.golomb()
    chroma, separate = 1, 0
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128):
        chroma = bits.golomb()
        separate = bits.fixed(1) if chroma == 3 else 0
        bits.golomb()
        bits.golomb()
        bits.fixed(1)
        if bits.fixed(1):
            for i in range(8 if chroma != 3 else 12):
                if bits.fixed(1):
                    bits.scaling_list(16 if i < 6 else 64)
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.fixed(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()
    bits.fixed(1)
    width, height = 16 * (bits.golomb() + 1), bits.golomb() + 1
    frames_only = bits.fixed(1)
    height *= 16 * (2 - frames_only)
    if not frames_only:
        bits.fixed(1)
    bits.fixed(1)
    if bits.fixed(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across, down = (2 if chroma in (1, 2) and not separate else 1), (2 if chroma == 1 and not separate else 1)
        width -= (left + right) * across
        height -= (top + bottom) * down * (2 - frames_only)
    return width, height


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def fixed(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("truncated parameter set")
        return self._bits >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """An unsigned Exp-Golomb code (9.1)."""
        zeros = 0
        while not self.fixed(1):
            zeros += 1
        return (1 << zeros) - 1 + self.fixed(zeros)

    def scaling_list(self, size: int) -> None:
        """Passed over (7.3.2.1.1.1)."""
        scale = 8
        for _ in range(size):
            code = self.golomb()
            scale = (scale + ((code + 1) // 2 if code % 2 else -(code // 2))) % 256
            if not scale:
                return
