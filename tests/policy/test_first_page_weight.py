"""What a browser must load before Home can be drawn stays light."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import blockwright.server

UI = Path(blockwright.server.__file__).parent / "ui"
BUDGET_BYTES = 350_000
_LOADED_AT_ONCE = re.compile(
    r'(?:<script[^>]*\bsrc|<link rel="modulepreload"[^>]*\bhref)="([^"]+)"'
)


def test_the_first_page_loads_less_than_350_kb_of_script() -> None:
    page = UI / "index.html"
    assert page.is_file(), "The browser UI is not built: run `make setup` first."
    scripts = _LOADED_AT_ONCE.findall(page.read_text(encoding="utf-8"))
    weights = {name: len(gzip.compress((UI / name.lstrip("/")).read_bytes())) for name in scripts}
    assert weights, "index.html names no script"
    assert sum(weights.values()) < BUDGET_BYTES, (
        f"{weights} bytes gzipped: load what is heavy with the view that needs it "
        "(`lazy` in web/src/app/router.tsx)."
    )
