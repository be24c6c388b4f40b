"""Files of the spreadsheet: those that it writes, and those that people send."""
