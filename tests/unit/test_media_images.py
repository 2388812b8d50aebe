"""Images are refused when they come in, and not when a version of them is saved."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.media.images import decode_image, image_facts

MOST_PIXELS = 1_000_000


def drawn(mode: str, kind: str) -> io.BytesIO:
    content = io.BytesIO()
    Image.new(mode, (8, 6)).save(content, kind)
    content.seek(0)
    return content


@pytest.mark.parametrize("mode", ["F", "I"])
def test_an_image_without_a_way_to_colours_is_refused_when_it_comes_in(mode: str) -> None:
    with pytest.raises(BlockwrightError, match=r"odd\.tif holds .+ pixels, which") as refused:
        image_facts(drawn(mode, "TIFF"), "odd.tif", MOST_PIXELS)
    assert refused.value.problem.code == "media.image_mode"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGBA", "I;16")),
        *((mode, "TIFF") for mode in ("CMYK", "YCbCr", "LAB")),
        ("CMYK", "JPEG"),
    ],
)
def test_an_image_that_comes_in_can_be_encoded(mode: str, kind: str) -> None:
    facts = image_facts(drawn(mode, kind), "x", MOST_PIXELS)
    assert (facts.width, facts.height) == (8, 6)
    settings = ImageSettings(width=8, height=6)
    assert decode_image(drawn(mode, kind), "x", settings, MOST_PIXELS).shape == (6, 8, 3)
