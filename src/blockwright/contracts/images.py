"""How an image becomes numbers: the one settings object for images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model


class ImageSettings(Model):
    """Colour and size that every image of a feature is brought to."""

    colour: Literal["rgb", "grayscale", "rgba"] = "rgb"
    width: int = Field(128, ge=1, le=4_096, description="Pixels across")
    height: int = Field(128, ge=1, le=4_096, description="Pixels down")
    fit: Literal["crop", "pad", "resize", "crop_and_resize"] = Field(
        "crop_and_resize",
        description="crop: the middle, padded where too small; pad: shrunk until all of it fits, "
        "bars around; resize: squeezed to the size; crop_and_resize: the largest middle part of "
        "the wanted proportions, resized",
    )

    @property
    def channels(self) -> int:
        """Numbers per pixel."""
        return {"grayscale": 1, "rgb": 3, "rgba": 4}[self.colour]
