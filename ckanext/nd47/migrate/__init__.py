"""Brings the datasets that a portal had before into the fields of the suite.

`look` says what there is, `guess` what it may mean; `mapping` reads and `proposal` writes the file
that says what goes where; `targets` and `reading` make a value of a text, `plan` the changes of a
dataset; `rehearse` tells what they would do, `sheets` has them as a spreadsheet for the agencies to
correct, `run` makes and undoes them, `report` lists what is still missing.
"""

PUBLIC = ()
"""No other room needs it."""
