"""The version of this package, in one place."""

from importlib.metadata import version

__version__ = version("blockwright")
