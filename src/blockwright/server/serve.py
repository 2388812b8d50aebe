"""Run one studio in the foreground: folder, lock, socket, address, browser, end."""

from __future__ import annotations

import contextlib
import errno
import logging
import logging.handlers
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from filelock import FileLock, Timeout

from blockwright.contracts.problems import error
from blockwright.server.app import create_app, database_url
from blockwright.server.guard import LOOPBACK_NAMES
from blockwright.server.live import Bell
from blockwright.settings import Settings
from blockwright.store.database import require_database

_LOG_BYTES = 5 * 2**20
_SHUTDOWN_SECONDS = 5


class _Server(uvicorn.Server):
    """Uvicorn that sends open event streams home as soon as it is asked to end."""

    def __init__(self, config: uvicorn.Config, bell: Bell) -> None:
        super().__init__(config)
        self._bell = bell

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End streams, then everything else."""
        self._bell.close()
        super().handle_exit(sig, frame)


def prepare_data_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner only.

    Raises:
        BlockwrightError: `server.data_folder_not_writable`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name != "nt":
            folder.chmod(0o700)
        probe = folder / f".write-test-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as reason:
        raise error(
            "server.data_folder_not_writable",
            folder=str(folder),
            reason=reason.strerror or str(reason),
        ) from reason


def listen(host: str, port: int) -> socket.socket:
    """Give a socket that listens.

    Raises:
        BlockwrightError: `server.port_in_use`, `server.cannot_listen`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as reason:
        if reason.errno == errno.EADDRINUSE:
            raise error("server.port_in_use", host=host, port=port) from reason
        why = reason.strerror or str(reason)
        raise error("server.cannot_listen", host=host, port=port, reason=why) from reason


def address_of(listener: socket.socket, host: str) -> str:
    """Give the address that a browser opens to reach a listening socket."""
    port = listener.getsockname()[1]
    name = socket.gethostname() if host in {"0.0.0.0", "::"} else host  # noqa: S104
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def serve(
    settings: Settings,
    *,
    open_browser: bool,
    allow_network: bool,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a studio until it is asked to end.

    Args:
        settings: Data folder, host, port and limits.
        open_browser: Show the studio in the person's browser.
        allow_network: Listen on `settings.host` although other machines reach it.
        on_ready: Told the address with its one-time token when the studio answers.

    Raises:
        BlockwrightError: When the folder, the port or the host cannot be had.
    """
    if settings.host not in LOOPBACK_NAMES and not allow_network:
        raise error("server.network_not_allowed", host=settings.host)
    prepare_data_folder(settings.data)
    lock = FileLock(settings.data / "studio.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as reason:
        raise error("server.data_folder_in_use", folder=str(settings.data)) from reason
    with lock:
        _keep_log(settings.data)
        # Asked here, where what is wrong can still be told in words.
        require_database(database_url(settings))
        listener = listen(settings.host, settings.port)
        herald = _Herald(address_of(listener, settings.host), settings.data, open_browser, on_ready)
        app = create_app(settings, announce=herald.announce)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again when all has ended
            _Server(config, app.state.bell).run(sockets=[listener])


class _Herald:
    """Says in the terminal where the studio is."""

    def __init__(
        self,
        address: str,
        data_folder: Path,
        open_browser: bool,
        on_ready: Callable[[str], None] | None,
    ) -> None:
        self._address = address
        self._data_folder = data_folder
        self._open_browser = open_browser
        self._on_ready = on_ready
        self._first = True

    def announce(self, key: str) -> None:
        """Print the address with a fresh key; at first open the browser too."""
        address = f"{self._address}?token={key}"
        if not self._first:
            sys.stdout.write(
                f"Another browser may come in once / 其他浏览器可用此地址进入一次:\n  {address}\n"
            )
            sys.stdout.flush()
            return
        self._first = False
        sys.stdout.write(
            f"Blockwright is running; its data lies in {self._data_folder}\n"
            f"Open / 请打开:\n  {address}\n"
            "Ctrl+C ends it. / 按 Ctrl+C 结束。\n"
        )
        sys.stdout.flush()
        if self._open_browser:
            webbrowser.open(address)
        if self._on_ready is not None:
            self._on_ready(address)


def _keep_log(data_folder: Path) -> None:
    """Write warnings and errors to the terminal and to `studio.log` in the data folder."""
    to_file = logging.handlers.RotatingFileHandler(
        data_folder / "studio.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8"
    )
    logging.basicConfig(
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[logging.StreamHandler(), to_file],
    )
    logging.getLogger("blockwright").setLevel(logging.INFO)
