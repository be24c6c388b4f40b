"""The catalogue of open data (danh mục dữ liệu mở) that a province issues by decision.

`model` has the tables. `editions` drafts, proposes, issues and compares catalogues, `items` edits
what they list, and `matching` connects items with datasets. `public` is what everybody may read,
`take_over` makes catalogues of what datasets say.
"""

PUBLIC = ("health",)
"""Modules that other rooms may import."""
