"""Small recordings and images, each with bytes of its own."""

from __future__ import annotations

import io
import wave

import numpy as np
from PIL import Image


def wav_bytes(
    number: int, *, samples: int = 800, rate_hz: int = 8_000, amplitude: int = 20_000
) -> bytes:
    """Give a whole 16-bit wav of one channel, a tone that depends on the number."""
    time = np.arange(samples) / rate_hz
    tone = np.sin(2 * np.pi * (200 + 37 * number) * time)
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((tone * amplitude).astype("<i2").tobytes())
    return content.getvalue()


def png_bytes(number: int, *, width: int = 6, height: int = 4) -> bytes:
    """Give a whole png of one colour that depends on the number."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), (number % 256, number // 256 % 256, 7)).save(content, "PNG")
    return content.getvalue()
