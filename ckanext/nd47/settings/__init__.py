"""Options that a sysadmin may change at run time, and their page."""

PUBLIC = ()
"""No other room imports it."""
