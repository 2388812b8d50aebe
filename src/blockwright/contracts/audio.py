"""How sound becomes numbers: the settings objects for audio, and their presets.

The same object is used by `blockwright preprocess`, kept in the dataset, the
version, the run, the bundle and the notebook. Labels of presets live in the browser.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from blockwright.contracts.base import Model

ClipNormalization = Literal["none", "standardize", "min_max"]

_TRIM = Field(
    None,
    gt=0,
    le=120,
    description="Cut the beginning and the end where they are more than this many dB quieter "
    "than the loudest moment; nothing is cut without it, and a clip is never emptied",
)
_CLIP_NORMALIZATION: ClipNormalization = Field(
    "none",
    description="Last step, over each whole clip by itself: nothing, to mean 0 and deviation 1 "
    "(standardize), or to 0…1 (min_max); a clip of one value becomes 0",
)


class SpectrogramSettings(Model):
    """Settings of a log-mel spectrogram, in decibels.

    The defaults are those of the original tutorial: 256 mel bands by 256 frames. What
    was saved before a field existed means the field's default.
    """

    sample_rate_hz: int = Field(
        44_100, ge=1_000, le=192_000, description="Clips are resampled to it"
    )
    fft_samples: int = Field(
        2_560, ge=32, le=65_536, description="Length of one analysis window (n_fft)"
    )
    hop_samples: int = Field(694, ge=1, le=65_536, description="Distance between two windows (hop)")
    mel_bands: int = Field(256, ge=1, le=1_024, description="Height of the picture")
    min_hz: float = Field(20.0, ge=0, description="Lower edge of the lowest mel band (fmin)")
    max_hz: float = Field(22_050.0, gt=0, description="Upper edge of the highest mel band (fmax)")
    frames: int = Field(
        256,
        ge=1,
        le=65_536,
        description="Width of the picture; where the whole clip is kept, the length of a crop in "
        "training and of a tile in prediction",
    )
    fit: Literal["crop", "pad", "resize", "variable"] = Field(
        "crop",
        description="A clip of another length is cropped from its start and, when shorter, "
        "repeated (crop) or continued with the quietest value (pad); or squeezed or stretched "
        "along time (resize); or kept whole (variable)",
    )
    reference: Literal["clip_maximum", "one"] = Field(
        "clip_maximum", description="What 0 dB means: the loudest point of the clip, or 1.0"
    )
    dynamic_range_db: float = Field(
        80.0, gt=0, le=200, description="Quieter than this below the loudest is cut"
    )
    trim_silence_db: float | None = _TRIM
    clip_normalization: ClipNormalization = _CLIP_NORMALIZATION

    @model_validator(mode="after")
    def _band_edges_in_order(self) -> Self:
        if not self.min_hz < self.max_hz <= self.sample_rate_hz / 2:
            edges_hz = {
                "max_hz": self.max_hz,
                "min_hz": self.min_hz,
                "half_hz": self.sample_rate_hz / 2,
            }
            code, text = "audio.band_edges", "max_hz must lie between min_hz and half the rate"
            raise PydanticCustomError(
                code, text, {name: f"{hz:g}" for name, hz in edges_hz.items()}
            )
        return self


class WaveformSettings(Model):
    """Settings of a clip as plain samples of one channel, full scale at ±1."""

    sample_rate_hz: int = Field(
        16_000, ge=1_000, le=192_000, description="Clips are resampled to it"
    )
    samples: int = Field(
        16_000,
        ge=1,
        le=3_600 * 192_000,
        description="Length; where the whole clip is kept, that of a crop in training and of a "
        "tile in prediction",
    )
    fit: Literal["crop", "pad", "variable"] = Field(
        "crop",
        description="A clip of another length is cropped from its start and, when shorter, "
        "repeated (crop) or continued with silence (pad); or kept whole (variable)",
    )
    trim_silence_db: float | None = _TRIM
    clip_normalization: ClipNormalization = _CLIP_NORMALIZATION


PRESETS: dict[str, SpectrogramSettings] = {
    # The picture that the original tutorial was made for.
    "tutorial_256": SpectrogramSettings(),
    # What the best entries of the 2019 audio tagging competition had in common: 64 frames
    # a second, crops of four seconds, no silence at the ends: a piece of a clip with one short
    # sound would often hold none of it, and yet be learnt, or averaged, as if it did.
    "tagging_128": SpectrogramSettings(
        hop_samples=690, mel_bands=128, fit="variable", trim_silence_db=60.0
    ),
    # Windows of 32 ms every 10 ms, crops of a second: what spoken commands need. 64 bands
    # (as VGGish and YAMNet have) leave none without a bin of the spectrum.
    "speech_16k": SpectrogramSettings(
        sample_rate_hz=16_000,
        fft_samples=512,
        hop_samples=160,
        mel_bands=64,
        max_hz=8_000.0,
        frames=100,
        fit="variable",
    ),
}
