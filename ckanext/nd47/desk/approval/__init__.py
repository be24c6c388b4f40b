"""Approval before publication: who sends, who decides, what is public and since when.

`axes` has the three machines, `model` the tables, `steps` which agencies need approval and by whom,
`cases` the row of a dataset and its history, `service` what people do, `publication` what makes a
dataset public or takes it back, and `safeguards` refuse every other way.
"""
