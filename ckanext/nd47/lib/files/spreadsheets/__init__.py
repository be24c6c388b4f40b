"""Tables in CSV, XLSX and DOCX files.

`spreadsheet` reads files that may be hostile and writes files without formulas, `headings`
recognises what offices write above a column, and `reading` finds the table in a file.
"""
