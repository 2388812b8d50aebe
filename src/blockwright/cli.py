"""The command line of the studio."""

from __future__ import annotations


def main() -> None:
    """Run the `blockwright` command."""
    raise NotImplementedError
