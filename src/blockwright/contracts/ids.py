"""Identifiers: random, unguessable, with a prefix that says what they name."""

from __future__ import annotations

import secrets
from typing import Literal

Prefix = Literal[
    "own", "prj", "ds", "ver", "exp", "run", "grp", "ckp", "bun", "cmp", "dry", "job", "upl", "prb"
]


def new_id(prefix: Prefix) -> str:
    """Give a fresh id, 16 characters of randomness after the prefix.

    >>> new_id("run").startswith("run_")
    True
    """
    return f"{prefix}_{secrets.token_hex(8)}"
