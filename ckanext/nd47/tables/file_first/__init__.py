"""A dataset that begins with its file.

`proposals` says what follows from the file, `alike` what like datasets of the portal say, and
`drafts` makes the draft with its file. Everything is a proposal until the officer saves it.
"""
