"""The command line of the studio.

Each command only reads its options and calls the room that does the work; that room
is imported within the command, so that `blockwright --help` answers at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.settings import Settings, load_settings, terminal_language

app = typer.Typer(
    name="blockwright",
    help="A self-hosted deep-learning studio that needs no code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Data folder (default: the platform's place).")
]


def settings_with(**given: Any) -> Settings:
    """Give the settings of environment and file, with what the command line gave on top."""
    return load_settings({name: value for name, value in given.items() if value is not None})


@app.command()
def serve(
    data: DataFolder = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Let --host be reached by other machines.")
    ] = False,
) -> None:
    """Start the studio and print the address to open."""
    from blockwright.server.serve import serve as run_studio  # noqa: PLC0415

    settings = settings_with(data=data, host=host, port=port)
    run_studio(settings, open_browser=not no_browser, allow_network=allow_network)


@app.command()
def spec(
    write: Annotated[Path | None, typer.Option(help="Write the document to this file.")] = None,
    check: Annotated[Path | None, typer.Option(help="Fail when this file is not fresh.")] = None,
) -> None:
    """Give the OpenAPI document of the API."""
    from blockwright.server.api import make_spec  # noqa: PLC0415

    text = json.dumps(make_spec(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if write is not None:
        write.write_text(text, encoding="utf-8")
    elif check is None:
        sys.stdout.write(text)
    elif check.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{check} is not fresh. Run `make spec` and commit what it writes.\n")
        raise typer.Exit(1)


def main() -> None:
    """Run the `blockwright` command; a problem is told in the terminal's language."""
    try:
        app()
    except BlockwrightError as reason:
        words = in_language(reason.problem, terminal_language())
        sys.stderr.write(f"{words.message}\n{words.fix}\n")
        sys.exit(1)
