"""Dates as officers write them: reporting periods, working days, periods in names of files."""
