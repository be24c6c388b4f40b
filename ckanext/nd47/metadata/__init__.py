"""Datasets: schema, forms, pages, licences, citations and code lists.

`dataset_input` prepares submitted data, `dataset_reader` reads a dataset under any schema,
`dataset_show` adds computed fields; `licence`, `terms_of_use` and `citation` say how the data may
be used. `fields` has a page for each field (lĩnh vực), `pages` forms and other pages, `search` the
search index and facets, `compat` the patches of other extensions.
"""

PUBLIC = (
    "citation",
    "dataset_input",
    "dataset_reader",
    "dataset_show",
    "fields.listing",
    "files",
    "harvested",
    "licence",
    "pages.activity",
    "pages.form_saving",
    "search.index",
    "terms_of_use",
    "update_state",
)
"""Modules that other rooms may import."""
