"""The rules on the metadata of a dataset: one set for publication, advice, scores and reports.

`rule` says what a rule is, `files` reads the rules from `schemas/rules`, `checks` holds the
functions that look at a record, `edition` chooses the rules that the portal applies, `report`
applies them to a record, `publication` refuses what may not be published, `portal` goes through
all datasets, `document` writes `docs/rules.md`.
"""
