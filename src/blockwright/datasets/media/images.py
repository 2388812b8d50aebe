"""Images become facts, pixels of one size, or thumbnails. Runs in the media child only.

Takes   a seekable stream of a png, jpeg, webp, bmp, tiff or gif.
Gives   `ImageFacts`, uint8 arrays (height, width, channels), PNG bytes.
Never   lets any other of Pillow's decoders see the file, nor an image with more pixels
        than the limit be decoded.

What is decided here, once: an orientation in EXIF is applied, since people see the
picture so. Transparent pixels lie over white where the wanted colours have no alpha.
Bars are black (transparent in rgba). Of several frames the first one counts. Of colours
with 16 bits the upper 8 are kept; one channel of more than 8 bits is `brightness`.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError, error
from blockwright.datasets.media.brightness import (
    ONE_CHANNEL,
    WideGrey,
    bits_per_channel,
    mend_byte_order,
    wide_grey,
)
from blockwright.datasets.media.facts import IMAGE_KINDS, SNIFF_BYTES, ImageFacts, sniff

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
PixelArray = npt.NDArray[np.uint8]

_PILLOW_MODES = {"rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}
_OPAQUE = 255
_ORIENTATION_TAG = 0x0112
# What Pillow raises where tags or later frames are damaged or are none; anything else that it
# may raise some day makes the image a damaged one, in `_opened`.
_DAMAGED = (
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    EOFError,
    OSError,
    struct.error,
)
_TURNED_ORIENTATIONS = {5, 6, 7, 8}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def image_facts(stream: BinaryIO, name: str, max_pixels: int) -> ImageFacts:
    """Decode an image whole and say what it is.

    Raises:
        BlockwrightError: `media.not_image`, `media.image_damaged`, `media.image_cut_off`,
            `media.image_too_many_pixels`, `media.image_mode`, `media.image_not_finite`.
    """
    with _opened(stream, name, max_pixels) as image:
        width, height, mode = *image.size, image.mode
        bits = bits_per_channel(image)
        if mode not in ONE_CHANNEL:
            # What cannot become colours later is told now, and not when a version is saved.
            _coloured(Image.new(mode, (1, 1)), "RGB", name)
        if image.format == "JPEG":  # every byte is read, but only an eighth is transformed
            image.draft(mode, (1, 1))
        # Before anything else looks at the image: Pillow tells of damage only once.
        image.load()
        grey = wide_grey(image, name)
        own = grey if grey is not None and grey.own_range else None
        if _orientation(image) in _TURNED_ORIENTATIONS:
            width, height = height, width
        return ImageFacts(
            width=width,
            height=height,
            mode=mode,
            format=(image.format or "").lower(),
            bits=bits,
            black=own.black if own else None,
            white=own.white if own else None,
            transparent=_is_transparent(image),
            frames=_frames(image),
        )


def decode_image(
    stream: BinaryIO, name: str, settings: ImageSettings, max_pixels: int
) -> PixelArray:
    """Decode an image and bring it to the colours and the size of `settings`.

    Args:
        stream: The file's bytes, seekable.
        name: How the file is called in a problem.
        settings: Colours, width, height, and how the image is fitted into them.
        max_pixels: Images with more are refused before they are decoded.

    Returns:
        uint8, shape (settings.height, settings.width, settings.channels), 0 to 255.

    Raises:
        BlockwrightError: As `image_facts`.
    """
    with _opened(stream, name, max_pixels) as image:
        upright = _upright(image, name)
        coloured = _coloured(upright, _PILLOW_MODES[settings.colour], name)
        pixels: PixelArray = np.asarray(_fitted(coloured, settings), dtype=np.uint8)
    return pixels.reshape(settings.height, settings.width, settings.channels)


def thumbnail_png(stream: BinaryIO, name: str, max_side_pixels: int, max_pixels: int) -> bytes:
    """Give a small PNG of an image, proportions kept, no side longer than `max_side_pixels`.

    Raises:
        BlockwrightError: As `decode_image`.
    """
    with _opened(stream, name, max_pixels) as image:
        if image.format == "JPEG":
            image.draft("RGB", (max_side_pixels, max_side_pixels))
        upright = _upright(image, name)
        has_alpha = upright.has_transparency_data
        small = _coloured(upright, "RGBA" if has_alpha else "RGB", name)
        small.thumbnail((max_side_pixels, max_side_pixels), Image.Resampling.BICUBIC)
    content = io.BytesIO()
    small.save(content, format="PNG", compress_level=1)
    return content.getvalue()


@contextmanager
def _opened(stream: BinaryIO, name: str, max_pixels: int) -> Iterator[Image.Image]:
    """Open an image whose kind and size are allowed; tell whatever its decoder raises."""
    kind = sniff(stream.read(SNIFF_BYTES))
    stream.seek(0)
    if kind not in IMAGE_KINDS:
        raise error("media.not_image", file=name, kind=kind or _unknown_kind(stream))
    before = Image.MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on odd but readable files
            # Between opening and our own look at the size nothing is decoded.
            Image.MAX_IMAGE_PIXELS = None
            with Image.open(stream, formats=FORMATS) as image:
                _check_size(image, name, max_pixels)
                Image.MAX_IMAGE_PIXELS = max_pixels
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                mend_byte_order(image)
                yield image
    except (BlockwrightError, MemoryError):
        raise
    except Exception as reason:  # a decoder of a damaged file may raise anything at all
        told = str(reason) or type(reason).__name__
        if "truncated" in told.lower():
            raise error("media.image_cut_off", file=name) from reason
        raise error("media.image_damaged", file=name, reason=told[:200]) from reason
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _unknown_kind(stream: BinaryIO) -> str:
    """Tell plain text from bytes of no kind that is known."""
    head = stream.read(SNIFF_BYTES)
    return (
        "text" if head and not any(byte < 32 and byte not in b"\t\n\f\r" for byte in head) else "?"
    )


def _check_size(image: Image.Image, name: str, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise error(
            "media.image_too_many_pixels",
            file=name,
            width=image.width,
            height=image.height,
            megapixels=round(image.width * image.height / 1e6, 1),
            most_megapixels=round(max_pixels / 1e6, 1),
        )


def _is_transparent(image: Image.Image) -> bool:
    """Tell whether any pixel lets something through; an alpha that is full everywhere does not."""
    if not image.has_transparency_data:
        return False
    alpha = image if "A" in image.getbands() else image.convert("RGBA")
    return bool((np.asarray(alpha.getchannel("A")) < _OPAQUE).any())


def _frames(image: Image.Image) -> int:
    """Count the frames; 1 when what follows the first is damaged."""
    try:
        return int(getattr(image, "n_frames", 1))
    except _DAMAGED:  # only the first frame is used, and that one is whole
        return 1


def _orientation(image: Image.Image) -> int:
    """Give the EXIF orientation; 1 where there is none or it cannot be read."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DAMAGED:  # EXIF is written by anything; the pixels do not need it
        return 1


def _upright(image: Image.Image, name: str) -> Image.Image:
    """Decode an image, bring one wide channel to 8 bits, and turn it as people see it."""
    image.load()
    turn = _TURNS.get(_orientation(image))
    grey = wide_grey(image, name)
    if grey is not None:
        image = _of_brightness(grey, image.info.get("transparency"))
    return image if turn is None else image.transpose(turn)


def _coloured(image: Image.Image, mode: str, name: str) -> Image.Image:
    """Bring any mode to RGB, RGBA or L."""
    if image.mode == mode:
        return image
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if mode != "RGBA":
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image)
    elif image.mode == "P":  # a palette's grey values are colours, not numbers
        image = image.convert("RGB")
    try:
        return image.convert(mode)
    except ValueError as reason:  # a mode without a way to RGB, such as LAB
        raise error("media.image_mode", file=name, mode=image.mode) from reason


def _of_brightness(grey: WideGrey, transparent: object) -> Image.Image:
    """Make a picture of wide numbers; a png may name one of them that is transparent."""
    made = Image.fromarray(grey.eight_bits())
    if not isinstance(transparent, int):
        return made
    alpha = np.where(grey.values == transparent, np.uint8(0), np.uint8(255))
    return Image.merge("LA", (made, Image.fromarray(alpha)))


def _fitted(image: Image.Image, settings: ImageSettings) -> Image.Image:
    size = (settings.width, settings.height)
    if image.size == size:
        return image
    if settings.fit == "resize":
        return image.resize(size, Image.Resampling.BICUBIC)
    if settings.fit == "crop_and_resize":
        return ImageOps.fit(image, size, Image.Resampling.BICUBIC)
    if settings.fit == "pad":
        shrink = min(1.0, size[0] / image.width, size[1] / image.height)
        inside = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
        if inside != image.size:
            image = image.resize(inside, Image.Resampling.BICUBIC)
    return _centred(image, size)


def _centred(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Cut the middle out; where the image is too small, bars lie around it."""
    left = (image.width - size[0]) // 2
    top = (image.height - size[1]) // 2
    # Pillow fills what lies beyond the image with zeros.
    return image.crop((left, top, left + size[0], top + size[1]))
