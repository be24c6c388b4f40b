"""The spreadsheet of datasets: download, template and import.

`columns` says which columns there are, `cells` how a value is written and read, `workbook` and
`download` make the files, `upload` and `archive` read those that people send, `matching` finds the
dataset of a row, and `comparison` says what would change.
"""
