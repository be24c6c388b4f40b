"""The spreadsheet of datasets: download, template and import.

`fields` says which columns there are and how a value is written and read, `files` makes the files
and reads those that people send, `matching` finds the dataset of a row, and `comparison` says what
would change.
"""
