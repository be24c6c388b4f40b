"""Limits of an examination."""

from __future__ import annotations

MEGABYTE = 2**20

MEMORY = 250 * MEGABYTE
"""Bytes of data of the process that examines."""

PROCESSOR_SECONDS = 90
"""Processor time after which the kernel ends the process, whatever it does."""

PROCESS_SECONDS = 300
"""After which the process is ended from outside; on a busy machine it waits for the processor."""

READ_SECONDS = 45.0
"""Seconds of processor time after which the rest of a table is not read."""

LARGEST_UNPACKED = 600 * MEGABYTE
"""Bytes that a ZIP may unpack to."""

LARGEST_PART = 400 * MEGABYTE
"""Bytes of a single part of it, such as a sheet."""

LARGEST_STRINGS = 40 * MEGABYTE
"""Bytes of the table of texts of an XLSX, all of which are in memory."""

LARGEST_WHOLE = 16 * MEGABYTE
"""Bytes of a file that a library reads at once: XLS, the content of ODS, a document."""

MOST_PARTS = 5_000
"""Files in a ZIP."""

MOST_FILES = 50
"""Files of a ZIP that are examined."""

LONGEST_LINE = MEGABYTE
"""Characters of a line of CSV."""

MOST_COLUMNS = 1_000
"""Columns that are examined; PostgreSQL has at most 1,600."""

MOST_CELLS = 3_000_000
"""Cells of a workbook that are read; CSV has no such limit."""

MOST_COMPARED_ROWS = 500_000
"""Rows that are compared for repetitions."""

MOST_SHEETS = 30

LARGEST_LINKED = 200 * MEGABYTE
"""Bytes of a file that is fetched."""

FETCH_SECONDS = 60

LOAD_PROCESSOR_SECONDS = 400
"""Processor time of an examination that also writes the table for the DataStore."""

LOAD_SECONDS = 1_200
"""After which it is ended from outside."""

LARGEST_LOADED = 4 * 2**30
"""Bytes of the table that is written for the DataStore."""
QUICK_BYTES = MEGABYTE
"""Bytes of a text that are examined while a person waits."""

QUICK_WHOLE = 8 * MEGABYTE
"""Bytes of another file that is examined whole while a person waits."""

QUICK_SECONDS = 8.0
"""Seconds of processor time of such an examination."""
