"""One file per block kind; each holds `build`, which puts the Keras layers of one block.

The file's name is the kind, as in `graph.blocks`, where its card and shape rule are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params

Builder = Callable[[Params, Sequence[Tensor], LayerOptions], Tensor]


@cache
def block_builders() -> dict[str, Builder]:
    """Give the builder of every block kind by its name."""
    return {
        module.name: import_module(f"{__name__}.{module.name}").build
        for module in iter_modules(__path__)
    }
