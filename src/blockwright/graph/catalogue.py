"""The catalogue of blocks, snippets and settings as the editor shows it."""

from __future__ import annotations

from blockwright.contracts.graph import Catalogue


def catalogue() -> Catalogue:
    """Give every block kind, snippet and setting with its cards."""
    raise NotImplementedError
