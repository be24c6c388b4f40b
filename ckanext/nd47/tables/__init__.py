"""The data themselves: every file is examined when it arrives.

`check` examines a file in a process of its own, without CKAN. `jobs` decides which file is examined
when, and `messages` says what was found. `decisions` is about personal data, `links` asks whether
addresses still answer, `file_first` begins a dataset with its file, and `faults` says what is
wrong, for lists of work.
"""

PUBLIC = ("expected", "faults")
"""Modules that other rooms may import."""
