"""Approval before publication: who sends, who decides, what is public and since when.

`axes` has the three machines, `model` the tables, `chain` which agencies need approval and by whom,
`approvers` who decides, `cases` the row of a dataset and its history, `service` what people do,
`publication` what makes a dataset public or takes it back, `guard` refuses every other way.
"""
