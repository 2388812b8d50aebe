"""Lets `python -m blockwright` do what the `blockwright` command does."""

from blockwright.cli import main

if __name__ == "__main__":
    main()
