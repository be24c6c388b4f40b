"""The officer's desk: what is to be done, for the agencies that a person works for.

`scope` says whose work a person sees, `kinds` has one module for each kind of work, `work_list`
counts, searches and pages what they find. `store` holds what the rules say about each dataset, so
that a list does not examine datasets. `rule_levels` says what other levels of rules would do.
"""

PUBLIC = ("health",)
"""Modules that other rooms may import."""
