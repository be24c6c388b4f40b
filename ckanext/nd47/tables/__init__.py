"""The data themselves: every file is examined when it arrives.

`check` examines a file in a process of its own, without CKAN. `jobs` decides which file is examined
when, and `messages` says what was found.
"""

PUBLIC = ()
"""Modules that other rooms may import."""
