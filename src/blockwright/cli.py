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
from blockwright.version import __version__

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


def _say_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"blockwright {__version__}\n")
        raise typer.Exit


@app.callback()
def blockwright(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which one.")
    ] = False,
) -> None:
    """A self-hosted deep-learning studio that needs no code."""


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
def doctor(
    data: DataFolder = None,
    host: Annotated[str | None, typer.Option(help="Address the studio would listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port the studio would listen on.")] = None,
) -> None:
    """Look at this machine and say what is wrong and how to mend it."""
    from blockwright.server.doctor import doctor_in_terminal  # noqa: PLC0415

    settings = settings_with(data=data, host=host, port=port)
    raise typer.Exit(doctor_in_terminal(settings, terminal_language()))


@app.command()
def spec(
    write: Annotated[Path | None, typer.Option(help="Write the document to this file.")] = None,
    check: Annotated[Path | None, typer.Option(help="Fail when this file is not fresh.")] = None,
    studio_file: Annotated[
        bool, typer.Option("--studio-file", help="The JSON schema of studio files instead.")
    ] = False,
) -> None:
    """Give the OpenAPI document of the API."""
    from blockwright.contracts.studio_file import StudioFile  # noqa: PLC0415
    from blockwright.server.api import make_spec  # noqa: PLC0415

    document = StudioFile.model_json_schema() if studio_file else make_spec()
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if write is not None:
        write.write_text(text, encoding="utf-8")
    elif check is None:
        sys.stdout.write(text)
    elif check.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{check} is not fresh. Run `make spec` and commit what it writes.\n")
        raise typer.Exit(1)


@app.command()
def preprocess(
    *,
    audio_folder: Annotated[Path, typer.Argument(help="Folder of wav, flac, ogg or mp3 clips.")],
    labels: Annotated[
        Path, typer.Option(help="CSV: fname,labels (comma-joined) or fname and 0/1 columns.")
    ],
    out: Annotated[Path, typer.Option(help="The zip to write.")] = Path("dataset.zip"),
    classes: Annotated[
        Path | None,
        typer.Option(
            help="The classes in their order: a text file with one a line, or a csv such as "
            "sample_submission.csv. Without it they are sorted."
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            help="Settings to begin with: tutorial_256, tagging_128 or speech_16k; the options "
            "below change single ones. Their defaults here are those of tutorial_256."
        ),
    ] = "tutorial_256",
    sample_rate: Annotated[
        int | None, typer.Option(help="Resample to, Hz.", show_default="44100")
    ] = None,
    n_fft: Annotated[
        int | None, typer.Option(help="Analysis window, samples.", show_default="2560")
    ] = None,
    hop: Annotated[
        int | None, typer.Option(help="Between two windows, samples.", show_default="694")
    ] = None,
    mels: Annotated[
        int | None,
        typer.Option(help="Mel bands: the height of the picture.", show_default="256"),
    ] = None,
    fmin: Annotated[
        float | None, typer.Option(help="Lowest frequency, Hz.", show_default="20")
    ] = None,
    fmax: Annotated[
        float | None,
        typer.Option(help="Highest frequency, Hz.", show_default="22050, or half the sample rate"),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="Frames: the width of the picture.", show_default="256"),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(
            help="A clip of another length: crop (from the start; a shorter one is repeated), "
            "pad (from the start; a shorter one goes on silent) or resize (along time).",
            show_default="crop",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(help="0 dB is clip_maximum or one.", show_default="clip_maximum"),
    ] = None,
    dynamic_range: Annotated[
        float | None, typer.Option(help="Quieter than this is cut, dB.", show_default="80")
    ] = None,
    trim_silence_db: Annotated[
        float | None,
        typer.Option(
            help="Cut beginning and end where they are this many dB below the loudest moment; "
            "a clip is never emptied.",
            show_default="nothing is cut",
        ),
    ] = None,
    clip_normalization: Annotated[
        str | None,
        typer.Option(
            help="Over each clip: none, standardize (mean 0, deviation 1) or min_max (0 to 1).",
            show_default="none",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes.", min=1, show_default="all cores")
    ] = None,
) -> None:
    """Turn recordings and their labels into a dataset.zip of log-mel spectrograms.

    Exit status: 0 when every labelled clip is in the zip, 3 when some are not (each is
    named with its reason), 1 or 2 when no zip was written, 130 when it was interrupted.
    """
    from blockwright.datasets.preprocess import PreprocessRequest  # noqa: PLC0415
    from blockwright.datasets.preprocess_terminal import (  # noqa: PLC0415
        preprocess_in_terminal,
        spectrogram_settings,
    )

    settings = spectrogram_settings(
        preset,
        sample_rate_hz=sample_rate,
        fft_samples=n_fft,
        hop_samples=hop,
        mel_bands=mels,
        min_hz=fmin,
        max_hz=fmax,
        frames=size,
        fit=fit,
        reference=reference,
        dynamic_range_db=dynamic_range,
        trim_silence_db=trim_silence_db,
        clip_normalization=clip_normalization,
    )
    request = PreprocessRequest(audio_folder, labels, out, settings, classes, workers)
    raise typer.Exit(preprocess_in_terminal(request))


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="Studio file, e.g. examples/sound-tagging.yaml.")],
    out: Annotated[Path, typer.Option(help="Folder for model.h5, submission.csv, …")] = Path("out"),
    data: Annotated[
        Path | None,
        typer.Option(help="Data folder of the studio that works.", show_default="OUT/studio"),
    ] = None,
) -> None:
    """Carry out a studio file: data, model, training, model.h5, submission.csv."""
    from blockwright.server.run_command import run_in_terminal  # noqa: PLC0415

    run_in_terminal(file, out, settings_with(), data=data)


@app.command()
def demo(
    data: DataFolder = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Start the studio with the sound tagging demo in it, learning."""
    from blockwright.server.demo import demo_settings, run_demo  # noqa: PLC0415

    settings = demo_settings(settings_with(port=port), data)
    run_demo(settings, open_browser=not no_browser)


def main() -> None:
    """Run the `blockwright` command; a problem is told in the terminal's language."""
    try:
        app()
    except BlockwrightError as reason:
        words = in_language(reason.problem, terminal_language())
        sys.stderr.write(f"{words.message}\n{words.fix}\n")
        sys.exit(1)
