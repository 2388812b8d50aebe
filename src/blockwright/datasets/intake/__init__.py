"""Files of any form come in as rows.

`run` is the job; `found_files` are the files, `arrivals` says what they are together,
`rows_from_…` make rows of them, `columns` and `row_files` look into cells and files,
`taking` and `content_writer` read and write, `finishing` writes the rest and the report.
"""

from blockwright.datasets.intake.run import run_import

__all__ = ["run_import"]
