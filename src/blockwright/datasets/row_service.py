"""Looking at the rows of a version: pages, pictures, recordings, previews, health.

What reads tables, pictures and sound is imported when it is first asked for: the studio
starts without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockwright.contracts.data import HealthReport, Preview, PreviewRequest, RowPage
from blockwright.contracts.problems import error
from blockwright.contracts.subsets import Condition, DataUsage, RowQuery

if TYPE_CHECKING:
    from blockwright.datasets.media_bytes import MediaBytes
    from blockwright.datasets.preview import Drawing
    from blockwright.datasets.version_service import VersionService


class RowService:
    """What the API offers on rows. Every method raises `data.version_not_found`."""

    def __init__(self, versions: VersionService) -> None:
        """Look at `versions`."""
        self._versions = versions

    def page(self, version_id: str, wanted: RowQuery) -> RowPage:
        """Give a page of the rows that a query chooses.

        Who looks at recordings or images soon opens one: what draws them starts meanwhile.
        """
        from blockwright.datasets import browse, preview  # noqa: PLC0415

        state = self._versions.state(version_id)
        if any(feature.type in {"audio", "image"} for feature in state.features):
            preview.warm_up()
        return browse.page(state, wanted)

    def count(self, version_id: str, wanted: Condition) -> DataUsage:
        """Count the rows for which a condition is true."""
        from blockwright.datasets import browse  # noqa: PLC0415

        return browse.count(self._versions.state(version_id), wanted)

    def health(self, version_id: str) -> HealthReport:
        """Say what is worth a look."""
        from blockwright.datasets.health import health_report  # noqa: PLC0415

        return health_report(self._versions.state(version_id))

    def picture(self, version_id: str, row: int, feature: str, largest_pixels: int) -> Drawing:
        """Draw one value as PNG. Raises `data.not_a_picture`, `data.row_not_found`."""
        from blockwright.datasets import preview  # noqa: PLC0415

        state = self._versions.state(version_id)
        return preview.picture(state, row, feature, largest_pixels)

    def media(self, version_id: str, row: int, feature: str) -> MediaBytes:
        """Give where the bytes of one recording or image lie."""
        from blockwright.datasets.media_bytes import media_of  # noqa: PLC0415

        state = self._versions.state(version_id)
        found = next((item for item in state.features if item.name == feature), None)
        if found is None:
            raise error("data.feature_not_found", name=feature)
        return media_of(state.content_folder, found.column, row)

    def preview(self, version_id: str, row: int, wanted: PreviewRequest) -> Preview:
        """Encode one value by settings that are not kept yet."""
        from blockwright.datasets import preview  # noqa: PLC0415

        return preview.preview(self._versions.state(version_id), row, wanted)
