"""The check of links: whether files and pages of the datasets still answer.

`uses` collects the addresses, `probe` asks them in a process of its own, `run` asks what is due and
stores the answers, and `state` says what became of a file.
"""
