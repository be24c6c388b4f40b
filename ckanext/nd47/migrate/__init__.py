"""Brings the datasets that a portal had before the suite into the fields of the suite.

`look` lists the extras and columns that there are and guesses their fields; `proposal` writes the
map, a file that says which of them goes to which field, and `mapping` reads it. `targets` reads a
text as the value of a field, `datasets` loads and selects datasets, `plan` computes the changes of
a dataset. `reports` shows the changes beforehand and the unmet rules, `sheets` writes them as a
spreadsheet that agencies correct, `run` makes and undoes the changes.
"""

PUBLIC = ()
"""No other package imports from it."""
