"""One file per block kind; each holds its `SPEC`. The file's name is the kind."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from blockwright.graph.block_spec import BlockSpec


@cache
def block_specs() -> dict[str, BlockSpec]:
    """Give every block kind by its name, in the order of the catalogue."""
    groups = ["data", "layers", "shape", "merge", "bodies"]
    specs: list[BlockSpec] = [
        import_module(f"{__name__}.{module.name}").SPEC for module in iter_modules(__path__)
    ]
    specs.sort(key=lambda spec: (groups.index(spec.group), spec.place))
    return {spec.kind: spec for spec in specs}
