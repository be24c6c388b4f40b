"""The rules on the metadata of a dataset: one set for publication, advice, scores and reports.

`model` says what a rule is, `load` reads the rules from `schemas/rules`, `checks` holds the
functions that look at a dataset, `edition` chooses the rules that the portal applies, `report`
applies them to a dataset, `records` reads datasets from the database, `file_facts` says
what is known of their files, and `gate` refuses to publish what does not meet the rules.
"""

PUBLIC = ("edition", "file_facts", "gate", "model", "records", "report")
"""Modules that other rooms may import."""
