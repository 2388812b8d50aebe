"""How sound becomes a picture: the one settings object for audio.

The same object is used by `blockwright preprocess`, kept in the dataset, the
version, the run, the bundle and the notebook.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from blockwright.contracts.base import Model


class SpectrogramSettings(Model):
    """Settings of a log-mel spectrogram of fixed size, in decibels.

    The defaults are those of the original tutorial: 256 mel bands by 256 frames.
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
    frames: int = Field(256, ge=1, le=65_536, description="Width of the picture")
    fit: Literal["crop", "resize"] = Field(
        "crop",
        description="A clip of another length is cropped from its start and padded by repeating "
        "itself (crop), or squeezed or stretched along time (resize)",
    )
    reference: Literal["clip_maximum", "one"] = Field(
        "clip_maximum", description="What 0 dB means: the loudest point of the clip, or 1.0"
    )
    dynamic_range_db: float = Field(
        80.0, gt=0, le=200, description="Quieter than this below the loudest is cut"
    )

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
    """Settings of a waveform: the samples of a clip themselves, one channel."""

    sample_rate_hz: int = Field(
        16_000, ge=1_000, le=192_000, description="Clips are resampled to it"
    )
    samples: int = Field(16_000, ge=1, le=10_000_000, description="Length of one value")
    fit: Literal["crop", "pad", "variable"] = Field(
        "pad",
        description="crop: from the start, a short clip repeated; pad: from the start, zeros "
        "after a short clip; variable: the whole clip, `samples` at a time",
    )
    trim_silence_db: float | None = Field(
        None, gt=0, le=200, description="Quiet ends this far below the peak are cut off"
    )
    clip_normalization: Literal["none", "standardize", "min_max"] = "none"
