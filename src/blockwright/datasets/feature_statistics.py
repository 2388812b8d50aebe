"""What is told of features while a draft is changed: classes, histogram, gaps, counts.

Takes   the state of a draft and features that are read in another way now.
Gives   the features described anew, from all rows.
Never   touches a feature that was not named; columns are read together, in one go.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature, FeatureSet, Histogram
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    MultiLabelEncoding,
    NumericEncoding,
)
from blockwright.contracts.problems import error
from blockwright.datasets.column_types import typed
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import OWN_CATEGORY
from blockwright.datasets.encoders.classes import class_counts, ordered_classes
from blockwright.datasets.folder import ROWS_FILE, read_content
from blockwright.datasets.row_table import RowTable, delimiter_of
