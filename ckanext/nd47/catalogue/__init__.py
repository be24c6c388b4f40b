"""The catalogue of open data (danh mục dữ liệu mở) that a province issues by decision.

`records` has the tables and reads their rows. `editions` drafts, proposes, issues, compares and
hands over catalogues, `items` edits what they list, and `matching` connects items with datasets.
`public` is what everybody may read, `documents` reads and writes files, `plans` and `reports`
follow the work.
"""

PUBLIC = ("health",)
"""Modules that other rooms may import."""
