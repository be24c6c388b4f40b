"""The dataset: its schema and form, its page, its licence, citation and code lists.

`dataset_input` prepares what was sent, `dataset_reader` reads a dataset whichever schema the portal
uses, `dataset_show` adds what CKAN shows beside the stored fields; `licence`, `terms_of_use` and
`citation` say what may be done with the data.
"""

PUBLIC = (
    "activity",
    "citation",
    "dataset_input",
    "dataset_reader",
    "dataset_show",
    "files",
    "harvested",
    "licence",
    "search_fields",
    "terms_of_use",
    "update_state",
)
"""Modules that other rooms may import; the others are the inside of this room."""
