"""The dataset: its schema and form, its page, its licence, citation and code lists.

`dataset_reader` is the way to read a dataset whichever schema the portal uses; `form` and
`sanitise` prepare what was sent for ckanext-scheming; `licence`, `terms_of_use`, `attribution` and
`citation` say what may be done with the data.
"""

PUBLIC = (
    "attribution",
    "checksum",
    "dataset_reader",
    "defaults",
    "disclosure",
    "form",
    "formats",
    "licence",
    "licence_names",
    "terms_of_use",
)
"""Modules that other rooms may import; the others are the inside of this room."""
