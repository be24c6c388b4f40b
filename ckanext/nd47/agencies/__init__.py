"""The register of agencies and of their focal points.

`model` has the tables, `register` and `focal_points` write them, `directory` reads and caches them,
`contacts` resolves the contacts of datasets, `lookup` finds and lists agencies, `access` decides
who may see and name what, and `import_export` reads and writes tables of them.
"""

from ckanext.nd47.lib import needs

needs.require()

PUBLIC = (
    "access.account_roles",
    "access.permissions",
    "alerts",
    "contacts",
    "datasets",
    "directory",
    "focal_points",
    "history",
    "logic.organisation_fields",
    "lookup.names",
    "migrated",
    "model",
    "register",
)
"""Modules that other rooms may import; the others are the inside of this room."""
