"""Limits of a map."""

from __future__ import annotations

MOST_PLACES = 5_000
"""Places that a map shows; more would be slow on a phone."""

MOST_POSITIONS = 120_000
"""Corners of all lines and areas together; beyond, they are made simpler."""

MOST_READ = 2_000_000
"""Corners that are read; a file with more is too large."""

MOST_FIELDS = 30
"""Fields of a place that are shown."""

LONGEST_VALUE = 300
"""Letters of a value that are shown."""

DIGITS = 5
"""Decimals of a degree: about one metre."""

PROCESSOR_SECONDS = 20
"""Processor time after which the kernel ends the conversion."""

PROCESS_SECONDS = 45
"""After which it is ended from outside; on a busy machine it waits for the processor."""
