"""The register of agencies and of their focal points.

`model` has the tables, `register` and `focal_points` write them, `directory` answers reads in two
statements for any number of agencies, `hierarchy` climbs from an agency to those above it,
`contacts` says whom a dataset names, `public` what anybody may know of a person.
"""

PUBLIC = (
    "changes",
    "consent",
    "contacts",
    "directory",
    "focal_points",
    "hierarchy",
    "history",
    "model",
    "organisation_fields",
    "public",
    "register",
    "tables",
    "usage",
)
"""Modules that other rooms may import; the others are the inside of this room."""
