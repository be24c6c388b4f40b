"""The data themselves: every file is examined when it arrives.

`check` examines a file in a process of its own, without CKAN. `check_jobs` decides which file is
examined when, and `findings` says what was found. `decisions` is about personal data, `links` asks
whether addresses still answer, and `file_first` begins a dataset with its file. `datastore` loads
tables, and `resource_views` shows tables, maps, charts and documents.
"""

PUBLIC = ("findings.expected", "findings.faults")
"""Modules that other rooms may import."""
