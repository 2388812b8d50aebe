"""Pixels of one channel that hold more than 8 bits, and how they become brightness.

Takes   an opened image of Pillow, before and after its pixels were decoded.
Gives   its numbers, and which of them become black and white.
Never   lets a number be read in the wrong order of bytes, or one that is none be taken.

Whole numbers without a sign have a range by their format: 0 is black, the largest that fits
is white, so 16 bits are divided by 257. Numbers with a sign, of 32 bits, and floats have no
agreed range: the least of the picture itself becomes black and its greatest white; where all
are the same, all are black. A tiff may say that its zero is white; then it is turned round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from blockwright.contracts.problems import error

# Order of bytes, photometric interpretation, sample format, fill order, bits, extra samples.
_Layout = tuple[bytes, int, tuple[int], int, tuple[int, ...], tuple[int, ...]]
_WHITE = 255
_BLOCK_VALUES = 1 << 20
_BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_WHITE_IS_ZERO, _SIGNED = 0, 2
# Pillow's modes of one channel of more than 8 bits.
ONE_CHANNEL = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
# What Pillow can unpack, but does not look for: the other order of bytes, zero as white, doubles.
_MORE_LAYOUTS: dict[_Layout, tuple[str, str]] = {
    (b"MM", 0, (1,), 1, (16,), ()): ("I;16B", "I;16B"),
    (b"II", 0, (1,), 1, (32,), ()): ("I", "I;32N"),
    (b"MM", 0, (1,), 1, (32,), ()): ("I", "I;32BS"),
    (b"MM", 1, (1,), 1, (32,), ()): ("I", "I;32BS"),
    **{(b"II", zero, (3,), 1, (64,), ()): ("F", "F;64F") for zero in (0, 1)},
    **{(b"MM", zero, (3,), 1, (64,), ()): ("F", "F;64BF") for zero in (0, 1)},
}
# Packed pixels come from their decoder in the order of this machine, whatever the file's is.
_UNPACKED = {
    "I;16BS": "I;16NS",
    "I;32BS": "I;32NS",
    "F;32BF": "F;32NF",
    "F;64BF": "F;64NF",
}
TiffImagePlugin.OPEN_INFO.update(_MORE_LAYOUTS)


@dataclass(frozen=True)
class WideGrey:
    """The numbers of one channel, shape (height, width); `black` and `white` become 0 and 255.

    `own_range` says that black and white were measured in this very picture.
    """

    values: npt.NDArray[Any]
    black: float
    white: float
    own_range: bool

    def eight_bits(self) -> npt.NDArray[np.uint8]:
        """Give the brightness, uint8 (height, width)."""
        made = np.empty(self.values.shape, np.uint8)
        span = self.white - self.black
        rows = max(1, _BLOCK_VALUES // max(1, self.values.shape[1]))
        for start in range(0, len(made), rows):  # 64-bit floats of a whole picture are too much
            block = self.values[start : start + rows].astype(np.float64)
            scaled = (block - self.black) / span * _WHITE if span else np.zeros(block.shape)
            made[start : start + rows] = np.rint(scaled).astype(np.uint8)
        return made


def bits_per_channel(image: Image.Image) -> int:
    """Give the bits of one channel in the file, at least 8; asked before pixels are decoded."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return max(8, *(int(bits) for bits in image.tag_v2.get(_BITS_PER_SAMPLE, (1,))))
    layouts = [str(tile.args) for tile in getattr(image, "tile", [])]
    return 16 if image.mode.startswith("I;16") or any(";16" in each for each in layouts) else 8


def mend_byte_order(image: Image.Image) -> None:
    """Have packed pixels of a tiff unpacked in the order that its decoder gives them in."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        image.tile = [
            tile._replace(args=(_UNPACKED.get(tile.args[0], tile.args[0]), *tile.args[1:]))
            if tile.codec_name == "libtiff" and isinstance(tile.args, tuple)
            else tile
            for tile in image.tile
        ]


def wide_grey(image: Image.Image, name: str) -> WideGrey | None:
    """Give the numbers of an image whose pixels are decoded; None where they are of 8 bits.

    Raises:
        BlockwrightError: `media.image_not_finite`.
    """
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    is_signed = _SIGNED in tags.get(_SAMPLE_FORMAT, ())
    values = np.asarray(image) if image.mode in ONE_CHANNEL else None
    if image.mode == "L" and is_signed:
        values = np.asarray(image).view(np.int8)
    if values is None:
        return None
    bits = max(tags.get(_BITS_PER_SAMPLE, (16,)))
    if image.mode == "I" and bits == 32 and not is_signed and tags:
        values = values.view(np.uint32)
    if image.mode.startswith("I;16"):
        black, white = 0.0, float((1 << bits) - 1)
    else:
        black, white = float(values.min()), float(values.max())
    if not (np.isfinite(black) and np.isfinite(white)):
        raise error("media.image_not_finite", file=name)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        black, white = white, black
    return WideGrey(values, black, white, own_range=not image.mode.startswith("I;16"))
