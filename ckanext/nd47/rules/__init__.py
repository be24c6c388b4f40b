"""The rules on the metadata of a dataset: one set for publication, advice, scores and reports.

`model` says what a rule is, `load` reads the rules from `schemas/rules`, `checks` holds the
functions that look at a dataset, `edition` chooses the rules that the portal applies, `report`
applies them to a dataset, `publication` and `gate` refuse what may not be published, `bulk` goes
through all datasets.
"""

PUBLIC = ("edition", "records", "report")
"""Modules that other rooms may import; the others are the inside of this room."""
