"""Finds problems of a portal, and names the cause and the remedy.

`portal` gives the checks access to configuration and services, `check` defines a check, `checks`
has all checks, `diagnosis` runs them, `finding` has their texts (`schemas/doctor.yaml`).
`__main__` is for a portal that does not start, or does not have the suite yet: nothing here may
rely on loaded plugins, except in checks that declare it.
"""

PUBLIC = ("unsafe",)
"""Modules that other rooms may import."""
