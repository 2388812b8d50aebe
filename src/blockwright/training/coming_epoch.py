"""The first batches of the next epoch, read while the last steps of this one are learnt.

Nothing that is read depends on what is learnt, so it may be early. Without this every epoch
would begin by waiting for one batch, which in short epochs is several hundredths of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from blockwright.training.batches import Stretch


class ComingEpoch:
    """Holds at most one epoch that was begun early."""

    def __init__(self, read: Callable[[int], Generator[Stretch]]) -> None:
        """Read with `read`, which takes an epoch and reads ahead by a thread of its own."""
        self._read = read
        self._epoch = 0
        self._stretches: Generator[Stretch] | None = None

    def begin(self, epoch: int) -> None:
        """Begin to read an epoch, unless that was done."""
        if self._stretches is None or self._epoch != epoch:
            self.let_go()
            self._epoch, self._stretches = epoch, self._read(epoch)

    def take(self, epoch: int) -> Generator[Stretch]:
        """Give the stretches of a whole epoch, begun early or now."""
        if self._epoch != epoch:
            self.let_go()
        taken, self._stretches = self._stretches, None
        return taken or self._read(epoch)

    def let_go(self) -> None:
        """End what was begun and will not be learnt from."""
        if self._stretches is not None:
            self._stretches.close()
            self._stretches = None
