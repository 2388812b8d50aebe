"""Numbers drawn as PNG: spectrograms in magma colours with low frequencies at the bottom."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from blockwright.contracts.data import Feature
from blockwright.contracts.problems import error

# Eleven points of the magma colour map (N. Smith, S. van der Walt, matplotlib, CC0);
# between them colours are interpolated.
_MAGMA_POINTS = (
    *("000004", "140e36", "3b0f70", "641a80", "8c2981", "b73779"),
    *("de4968", "f7705c", "fe9f6d", "fecf92", "fcfdbf"),
)

FloatArray = npt.NDArray[np.float32]
PixelArray = npt.NDArray[np.uint8]


def _magma() -> npt.NDArray[np.uint8]:
    points = np.array([list(bytes.fromhex(point)) for point in _MAGMA_POINTS], dtype=np.float64)
    at = np.linspace(0, len(points) - 1, 256)
    channels = [np.interp(at, np.arange(len(points)), points[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


MAGMA = _magma()


def draw(values: FloatArray, feature: Feature, *, largest_pixels: int | None = None) -> bytes:
    """Draw one tensor.

    Two axes (or three with one channel last) are coloured between the smallest and the
    largest value of the feature; three channels last are drawn as red, green, blue.

    Args:
        values: One row of the feature.
        feature: Its name, range, and whether it is a spectrogram.
        largest_pixels: Neither side of the drawing is longer; as large as it is when None.

    Returns:
        PNG bytes.

    Raises:
        BlockwrightError: `data.not_a_picture`.
    """
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    is_colour = values.ndim == 3 and values.shape[2] == 3
    if not values.size or (values.ndim != 2 and not is_colour):
        shape = " × ".join(str(size) for size in feature.shape) or "1"
        raise error("data.not_a_picture", name=feature.name, shape=shape)
    low = feature.histogram.minimum if feature.histogram.minimum is not None else 0.0
    high = feature.histogram.maximum if feature.histogram.maximum is not None else 1.0
    if feature.spectrogram is not None:
        return spectrogram_png(values, low, high, largest_pixels=largest_pixels)
    levels = _levels(values, low, high)
    if is_colour:
        return pixels_png(levels, largest_pixels=largest_pixels)
    return _png(Image.fromarray(levels), largest_pixels, palette=MAGMA)


def spectrogram_png(
    values: FloatArray, low: float, high: float, *, largest_pixels: int | None = None
) -> bytes:
    """Draw a spectrogram in magma colours, low frequencies at the bottom.

    Args:
        values: Shape (mel_bands, frames), low frequencies first.
        low: What is drawn darkest.
        high: What is drawn brightest.
        largest_pixels: Neither side of the drawing is longer.
    """
    levels = np.ascontiguousarray(_levels(values, low, high)[::-1])
    return _png(Image.fromarray(levels), largest_pixels, palette=MAGMA)


def pixels_png(pixels: PixelArray, *, largest_pixels: int | None = None) -> bytes:
    """Give the PNG of pixels, shape (height, width) or (height, width, channels)."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    return _png(Image.fromarray(np.ascontiguousarray(pixels)), largest_pixels)


def _png(
    image: Image.Image, largest_pixels: int | None, *, palette: PixelArray | None = None
) -> bytes:
    """Make an image smaller if it has to be, and colour its levels by a palette.

    A palette leaves a third of the bytes to compress, and levels, not colours, are averaged.
    """
    if largest_pixels is not None:
        image.thumbnail((largest_pixels, largest_pixels), Image.Resampling.BOX)
    if palette is not None:
        image.putpalette(palette.tobytes())
    content = io.BytesIO()
    image.save(content, format="PNG", compress_level=1)
    return content.getvalue()


def _levels(values: FloatArray, low: float, high: float) -> PixelArray:
    unit = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    levels: PixelArray = (unit * 255).round().astype(np.uint8)
    return levels
