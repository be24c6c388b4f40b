"""Decisions about personal data in files: de-identified, or public by law, by whom and when.

`model` has the history, which nobody can change; `service` says which findings are decided, and
records decisions; `facts` tells the rules.
"""
