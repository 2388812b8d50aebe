"""A child reads media: answers are right, its limits hold, and its end is told and mended."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from PIL import Image

from blockwright.audio.clip_picture import clip_picture, clip_spectrogram, clip_waveform
from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings
from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError, Problem
from blockwright.datasets.media.child import MediaAnswer, MediaChild, MediaPool, MediaRequest
from blockwright.datasets.media.facts import AudioFacts, ImageFacts
from blockwright.datasets.media.limits import ParserLimits, limits_available
from blockwright.datasets.media.parser import npy_answer
from blockwright.datasets.media.wire import (
    Ask,
    AudioFactsAsk,
    FileRange,
    ImageFactsAsk,
    OverviewAsk,
    PixelsAsk,
    SpectrogramAsk,
    ThumbnailAsk,
    WaveformAsk,
)
from blockwright.settings import Settings
from tests.support.hostile_media import black_png, drawn, gif_of, noise, sound, wav

SETTINGS = SpectrogramSettings(
    sample_rate_hz=8_000, fft_samples=256, hop_samples=128, mel_bands=16, max_hz=4_000, frames=32
)
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux is asked")
only_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def child() -> Iterator[MediaChild]:
    with MediaChild() as started:
        yield started


def ask(child: MediaChild, question: Ask, source: bytes | FileRange) -> MediaAnswer:
    given = child.ask(MediaRequest(question, "x", source))
    assert isinstance(given, MediaAnswer), given
    return given


def array(child: MediaChild, question: Ask, source: bytes | FileRange) -> np.ndarray:
    content = ask(child, question, source).content
    return np.load(io.BytesIO(content), allow_pickle=False)


def code(given: object) -> str:
    assert isinstance(given, Problem), given
    return given.code


def test_a_recording_is_measured_over_all_its_samples(child: MediaChild) -> None:
    samples = np.zeros((8_000, 2))
    samples[100:200] = 0.5
    samples[300:310, 0] = 1.0
    content = io.BytesIO()
    soundfile.write(content, samples, 16_000, format="WAV", subtype="PCM_16")
    facts = child.inspect("audio_facts", content.getvalue(), "a.wav")
    assert isinstance(facts, AudioFacts)
    energy = (200 * 0.25 + 10) / 16_000
    assert facts.rms_db == pytest.approx(10 * np.log10(energy), abs=0.01)
    assert facts.clipped_share == pytest.approx(10 / 16_000)
    assert facts.model_copy(update={"rms_db": 0, "clipped_share": 0}) == AudioFacts(
        seconds=0.5,
        sample_rate_hz=16_000,
        channels=2,
        frames=8_000,
        peak=32_767 / 32_768,
        rms_db=0,
        clipped_share=0,
        silent=False,
        format="wav",
        subtype="PCM_16",
        bit_depth=16,
    )


@pytest.mark.parametrize(("level", "silent"), [(0.0, True), (5e-5, True), (5e-4, False)])
def test_a_clip_below_80_db_is_silent(child: MediaChild, level: float, silent: bool) -> None:
    content = io.BytesIO()
    soundfile.write(content, np.full(800, level), 8_000, format="WAV", subtype="FLOAT")
    facts = child.inspect("audio_facts", content.getvalue(), "a.wav")
    assert isinstance(facts, AudioFacts)
    assert facts.silent == silent


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_spectrogram_is_the_one_that_this_process_would_make(
    child: MediaChild, kind: str
) -> None:
    content = sound(kind)
    whole = array(child, SpectrogramAsk(settings=SETTINGS, whole_clip=True), content)
    np.testing.assert_array_equal(whole, clip_spectrogram(io.BytesIO(content), SETTINGS))
    fitted = array(child, SpectrogramAsk(settings=SETTINGS), content)
    np.testing.assert_array_equal(fitted, clip_picture(io.BytesIO(content), SETTINGS))
    waveform = WaveformSettings(sample_rate_hz=4_000, samples=999)
    made = array(child, WaveformAsk(settings=waveform), content)
    np.testing.assert_array_equal(made, clip_waveform(io.BytesIO(content), waveform))


def test_an_overview_holds_the_lowest_and_highest_of_each_part(child: MediaChild) -> None:
    samples = np.linspace(-1, 1, 8_000)
    content = io.BytesIO()
    soundfile.write(content, samples, 8_000, format="WAV", subtype="FLOAT")
    outline = array(child, OverviewAsk(columns=80), content.getvalue())
    parts = samples.astype("f4").reshape(80, 100)
    np.testing.assert_allclose(outline, np.stack([parts.min(1), parts.max(1)], axis=1))


def test_a_long_clip_has_an_overview_too(child: MediaChild) -> None:
    data = np.zeros(5_000_000, "<i2")
    data[2_500_000:] = 16_384
    outline = array(child, OverviewAsk(columns=4), wav(data.tobytes()))
    np.testing.assert_allclose(outline, [[0, 0], [0, 0], [0, 0.5], [0.5, 0.5]], atol=0.5)
    np.testing.assert_allclose(outline[[0, 3]], [[0, 0], [0.5, 0.5]])


def test_part_of_a_large_file_is_read_where_it_lies(child: MediaChild, tmp_path: Path) -> None:
    content = sound("FLAC")
    file = tmp_path / "blob"
    file.write_bytes(b"before" + content + drawn("PNG"))
    place = FileRange(path=str(file), offset=6, length=len(content))
    assert ask(child, AudioFactsAsk(), place) == ask(child, AudioFactsAsk(), content)
    rest = FileRange(path=str(file), offset=6 + len(content))
    assert ask(child, ImageFactsAsk(), rest).facts == ImageFacts(
        width=64, height=48, mode="RGB", format="png"
    )


@only_posix
def test_what_cannot_be_opened_is_told(child: MediaChild, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        given = child.ask(MediaRequest(AudioFactsAsk(), "x", FileRange(path=str(path))))
        assert code(given) == "media.cannot_open"


@only_linux
def test_a_file_that_claims_to_hold_nothing_is_not_read_beyond(child: MediaChild) -> None:
    memory = FileRange(path="/proc/self/mem", length=100)  # a regular file of size 0, by its mode
    given = child.ask(MediaRequest(AudioFactsAsk(), "x", memory))
    assert code(given) == "audio.empty"


def test_a_thumbnail_keeps_the_proportions(child: MediaChild) -> None:
    png = ask(child, ThumbnailAsk(max_side_pixels=32), drawn("JPEG")).content
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.size) == ("PNG", (32, 24))


@pytest.mark.parametrize("fit", ["crop", "pad", "resize", "crop_and_resize"])
@pytest.mark.parametrize("colour", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("size", [(20, 30), (64, 48), (100, 200)])
def test_pixels_have_the_size_and_channels_asked_for(
    child: MediaChild, fit: str, colour: str, size: tuple[int, int]
) -> None:
    settings = ImageSettings.model_validate(
        {"colour": colour, "fit": fit, "width": size[0], "height": size[1]}
    )
    pixels = array(child, PixelsAsk(settings=settings), drawn("PNG"))
    assert pixels.shape == (size[1], size[0], settings.channels)
    assert pixels.dtype == np.uint8
    if size == (64, 48) and colour == "rgb":
        np.testing.assert_array_equal(pixels, np.asarray(noise("RGB")))


def pixels_of(child: MediaChild, image: Image.Image, **settings: object) -> np.ndarray:
    content = io.BytesIO()
    image.save(content, format="PNG")
    given = ImageSettings.model_validate({"width": 4, "height": 4, **settings})
    return array(child, PixelsAsk(settings=given), content.getvalue())


def test_bars_are_black_and_transparent_in_rgba(child: MediaChild) -> None:
    grey = Image.new("L", (4, 2), 200)
    padded = pixels_of(child, grey, colour="grayscale", fit="pad")[:, :, 0]
    assert padded.tolist() == [[0] * 4, [200] * 4, [200] * 4, [0] * 4]
    clear = pixels_of(child, grey, colour="rgba", fit="crop")
    assert clear[0, 0].tolist() == [0, 0, 0, 0]
    assert clear[1, 0].tolist() == [200, 200, 200, 255]


def test_pad_shrinks_but_never_enlarges(child: MediaChild) -> None:
    large = pixels_of(child, Image.new("L", (8, 4), 200), colour="grayscale", fit="pad")
    assert (large[:, :, 0] == 200).sum() == 8
    small = pixels_of(child, Image.new("L", (2, 2), 200), colour="grayscale", fit="pad")
    assert (small[:, :, 0] == 200).sum() == 4


def test_what_is_transparent_lies_over_white(child: MediaChild) -> None:
    clear = Image.new("RGBA", (4, 4), (9, 9, 9, 0))
    assert (pixels_of(child, clear, colour="rgb") == 255).all()
    assert (pixels_of(child, clear, colour="grayscale") == 255).all()
    assert (pixels_of(child, clear, colour="rgba")[:, :, 3] == 0).all()


def test_sixteen_bits_keep_their_upper_eight(child: MediaChild) -> None:
    deep = Image.fromarray(np.full((4, 4), 0x81FF, np.uint16))
    assert (pixels_of(child, deep, colour="grayscale") == 0x81).all()


def test_the_orientation_of_a_photo_is_applied(child: MediaChild) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right when shown
    content = io.BytesIO()
    picture = Image.new("L", (32, 16))
    picture.paste(255, (0, 0, 16, 16))
    picture.save(content, format="JPEG", exif=exif)
    facts = child.inspect("image_facts", content.getvalue(), "x.jpg")
    assert isinstance(facts, ImageFacts)
    assert (facts.width, facts.height) == (16, 32)
    settings = ImageSettings(colour="grayscale", width=16, height=32)
    pixels = array(child, PixelsAsk(settings=settings), content.getvalue())[:, :, 0]
    assert pixels[:12].min() > 200
    assert pixels[20:].max() < 50


def test_the_first_frame_of_a_gif_counts(child: MediaChild) -> None:
    content = gif_of(5, 8)
    facts = child.inspect("image_facts", content, "x.gif")
    assert isinstance(facts, ImageFacts)
    assert facts.frames == 5
    assert (array(child, PixelsAsk(settings=ImageSettings()), content) == 0).all()


def test_settings_name_the_limits() -> None:
    limits = ParserLimits.of(Settings(max_image_pixels=3_000, max_clip_seconds=1, parser_seconds=7))
    assert (limits.cpu_seconds, limits.wall_seconds) == (7, 17.5)
    with MediaChild(limits) as strict:
        wrong = strict.inspect("image_facts", drawn("PNG"), "x.png")
        assert code(wrong) == "media.image_too_many_pixels"
        assert isinstance(wrong, Problem)
        assert wrong.params["most_megapixels"] == 0.0
        assert code(strict.inspect("audio_facts", sound("WAV", seconds=2), "x")) == "audio.too_long"
        assert isinstance(strict.inspect("audio_facts", sound("WAV"), "x"), AudioFacts)


def test_a_child_goes_by_the_settings_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOCKWRIGHT_MAX_IMAGE_PIXELS", "3000")
    with MediaChild() as child:
        wrong = child.inspect("image_facts", drawn("PNG"), "x.png")
    assert code(wrong) == "media.image_too_many_pixels"


def test_numbers_too_many_to_pass_on_are_told() -> None:
    without_memory = np.broadcast_to(np.float32(0), (300_000_000,))
    with pytest.raises(BlockwrightError) as caught:
        npy_answer(without_memory, "long.wav")
    assert caught.value.problem.code == "media.result_too_large"
    assert caught.value.problem.params == {"file": "long.wav", "size_mb": 1200, "most_mb": 1074}


def test_a_file_that_needs_too_much_memory_is_refused_and_the_child_replaced() -> None:
    with MediaChild(ParserLimits(memory_bytes=300 << 20)) as child:
        big = black_png(7_900, 7_900)
        given = child.ask(MediaRequest(PixelsAsk(settings=ImageSettings()), "big.png", big))
        assert code(given) == "media.parser_memory"
        assert isinstance(child.inspect("image_facts", drawn("PNG"), "x"), ImageFacts)


@only_posix
def test_a_file_that_takes_too_much_time_is_refused_and_the_child_replaced() -> None:
    with MediaChild(ParserLimits(cpu_seconds=0)) as child:
        big = black_png(8_000, 8_000)
        first = child.pid
        settings = ImageSettings(width=4_096, height=4_096)
        given = child.ask(MediaRequest(PixelsAsk(settings=settings), "big.png", big))
        assert code(given) == "media.parser_too_slow"
        assert child.pid != first
        assert isinstance(child.inspect("image_facts", drawn("PNG"), "x"), ImageFacts)


@only_posix
def test_a_child_that_hangs_is_ended_and_replaced() -> None:
    with MediaChild(ParserLimits(wall_seconds=0.5)) as child:
        assert child.limits_held
        os.kill(child.pid, signal.SIGSTOP)
        assert code(child.inspect("image_facts", drawn("PNG"), "x")) == "media.parser_too_slow"
        with MediaChild() as patient:  # the same bytes are well elsewhere
            assert isinstance(patient.inspect("image_facts", drawn("PNG"), "x"), ImageFacts)


@only_posix
@pytest.mark.parametrize(
    ("blow", "expected"),
    [
        (signal.SIGSEGV, "media.parser_crashed"),
        (signal.SIGABRT, "media.parser_crashed"),
        (signal.SIGKILL, "media.parser_memory"),
    ],
)
def test_a_child_that_dies_over_a_file_is_told_and_replaced(
    blow: signal.Signals, expected: str
) -> None:
    with MediaChild() as child:
        assert child.limits_held
        pid = child.pid
        os.kill(pid, signal.SIGSTOP)  # it holds still while the question is on its way
        timer = threading.Timer(0.3, lambda: (os.kill(pid, blow), os.kill(pid, signal.SIGCONT)))
        timer.start()
        given = child.inspect("audio_facts", sound("WAV"), "evil.wav")
        timer.join()
        assert code(given) == expected
        if expected == "media.parser_crashed":
            assert isinstance(given, Problem)
            assert given.params == {"file": "evil.wav", "how": blow.name}
        assert isinstance(child.inspect("audio_facts", sound("WAV"), "x"), AudioFacts)


@only_posix
def test_a_child_that_died_between_two_files_is_nobodys_fault() -> None:
    with MediaChild() as child:
        assert child.limits_held
        os.kill(child.pid, signal.SIGKILL)
        psutil.Process(child.pid).wait()
        assert isinstance(child.inspect("audio_facts", sound("WAV"), "x"), AudioFacts)


def test_a_parser_that_cannot_be_started_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(BlockwrightError) as caught:
        MediaChild()
    assert caught.value.problem.code == "media.parser_unavailable"


@only_linux
def test_the_kernel_holds_every_limit_here(child: MediaChild) -> None:
    available = limits_available()
    assert available.lacking == []
    assert child.limits_held == available
    limits = Path(f"/proc/{child.pid}/limits").read_text(encoding="utf-8")
    values = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert values["Max data size"] == str(4 * 2**30)
    assert values["Max open files"] == "64"
    assert values["Max file size"] == "0"
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8")
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status


@only_linux
def test_a_confined_process_reaches_neither_the_network_nor_a_file_to_write(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "kept"
    kept.write_text("as before")
    server = socket.create_server(("127.0.0.1", 0))
    program = textwrap.dedent(f"""
        import os, socket, subprocess
        from blockwright.datasets.media.limits import ParserLimits, enter_limits
        enter_limits(ParserLimits())
        kept = {str(kept)!r}
        tries = [
            lambda: socket.create_connection(("127.0.0.1", {server.getsockname()[1]})),
            lambda: subprocess.run(["/bin/true"], check=True),
            lambda: open(kept, "w"),
            lambda: open(kept, "r+"),
            lambda: open(kept + ".new", "x"),
            lambda: os.unlink(kept),
            lambda: os.rename(kept, kept + ".moved"),
            lambda: os.truncate(kept, 0),
            lambda: os.mkdir(kept + ".d"),
            lambda: os.symlink(kept, kept + ".link"),
        ]
        for number, each in enumerate(tries):
            try:
                each()
            except OSError:
                continue
            print(number, "went through")
        print(open(kept).read())
    """)
    with server:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
    assert done.stdout == "as before\n"
    assert sorted(tmp_path.iterdir()) == [kept]


@only_linux
def test_a_child_has_no_environment_to_give_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "a secret")
    with MediaChild() as child:
        assert child.limits_held
        environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"a secret" not in environment


@only_posix
def test_a_child_ends_with_the_one_that_asks_even_in_the_middle_of_a_file() -> None:
    program = textwrap.dedent("""
        import os, signal, sys, threading, time
        from blockwright.datasets.media.child import MediaChild, MediaRequest
        from blockwright.datasets.media.wire import PixelsAsk
        from blockwright.contracts.images import ImageSettings
        from tests.support.hostile_media import black_png
        child = MediaChild()
        child.limits_held
        print(child.pid, flush=True)
        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        ask = PixelsAsk(settings=ImageSettings(width=4096, height=4096))
        big = black_png(8_000, 8_000)
        while True:
            child.ask(MediaRequest(ask, "x", big))
    """)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    pid = int(done.stdout)
    until = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@only_posix
def test_ctrl_c_does_not_reach_a_child() -> None:
    with MediaChild() as child:
        assert child.limits_held
        assert os.getpgid(child.pid) != os.getpgid(0)
        os.kill(child.pid, signal.SIGINT)
        assert isinstance(child.inspect("audio_facts", sound("WAV"), "x"), AudioFacts)


def test_a_pool_answers_in_order_and_holds_few_requests() -> None:
    asked: list[int] = []
    most_ahead = 0

    def requests() -> Iterator[MediaRequest]:
        for number in range(60):
            asked.append(number)
            data = sound("WAV", seconds=0.1 + number / 100) if number % 7 else b"nothing"
            yield MediaRequest(AudioFactsAsk(), str(number), data)

    with MediaPool(2) as pool:
        for number, given in enumerate(pool.map(requests())):
            most_ahead = max(most_ahead, len(asked) - number)
            if number % 7:
                assert isinstance(given, MediaAnswer)
                assert isinstance(given.facts, AudioFacts)
                assert given.facts.seconds == pytest.approx(0.1 + number / 100, abs=0.001)
            else:
                assert code(given) == "audio.not_audio"
                assert isinstance(given, Problem)
                assert given.params["file"] == str(number)
    assert len(asked) == 60
    assert most_ahead <= 10


@only_posix
def test_a_pool_goes_on_when_one_of_its_children_dies() -> None:
    with MediaPool(2) as pool:
        requests = [MediaRequest(AudioFactsAsk(), str(n), sound("WAV")) for n in range(40)]
        given = []
        for number, each in enumerate(pool.map(requests)):
            given.append(each)
            if number == 5:
                os.kill(pool.pids[0], signal.SIGKILL)
    assert sum(isinstance(each, MediaAnswer) for each in given) >= 39


def test_a_pool_left_in_the_middle_leaves_no_process() -> None:
    with MediaPool(2) as pool:
        answers = pool.map(MediaRequest(AudioFactsAsk(), "x", sound("WAV")) for _ in range(10**9))
        assert isinstance(next(answers), MediaAnswer)
        pids = pool.pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
