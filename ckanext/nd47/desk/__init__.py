"""The officer's desk: what is to be done, for the agencies that a person works for.

`scope` says whose work a person sees and `work_list` what waits. `rule_levels` says what other
levels of rules would do. `bulk` changes many datasets, and `spreadsheet` reads from tables what is
to be changed.
"""

PUBLIC = ("health",)
"""Modules that other rooms may import."""
