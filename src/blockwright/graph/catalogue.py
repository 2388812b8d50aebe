"""The catalogue of blocks, snippets and settings as the editor shows it."""

from __future__ import annotations

from functools import cache

from blockwright.contracts.graph import Catalogue
from blockwright.graph.blocks import block_specs
from blockwright.graph.setting_cards import setting_cards
from blockwright.graph.snippets import snippet_cards


@cache
def catalogue() -> Catalogue:
    """Give every block kind, snippet and setting with its cards."""
    return Catalogue(
        blocks=[spec.card() for spec in block_specs().values()],
        snippets=snippet_cards(),
        settings=setting_cards(),
    )
