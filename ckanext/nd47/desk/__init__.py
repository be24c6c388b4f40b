"""The officer's desk: what is to be done, for the agencies that a person works for.

`scope` says whose work a person sees and `work_list` what waits. `approval` decides what is
published, `publishing` is the page before a publication. `bulk` changes many datasets, and
`spreadsheet` reads what is to be changed from tables. `reminders` writes to people. `rule_levels`
says what other levels of rules would do.
"""

PUBLIC = (
    "facts",
    "health",
    "reminders.delivery",
    "scope",
    "work_list.kinds",
    "work_list.kinds.kind",
)
"""Modules that other rooms may import."""
