"""What a visitor can do with a dataset besides reading its page.

`archive` sends all files as one ZIP, `data_history` lists which file changed when (as a page and as
an Atom feed), `related` searches for datasets about the same things.
"""

PUBLIC = ()
"""Modules that other rooms may import; the others are internal."""
