"""What is wrong with a portal, why it matters, and the line that mends it.

`portal` is what a check looks at, `check` says what a check is, `checks_*` are the checks by what
they look at, `diagnosis` runs them, `finding` puts what they found into words
(`schemas/doctor.yaml`). `__main__` does it for a portal that does not start, or that does not have
the suite yet: nothing here may rely on plugins being loaded, unless the check says so.
"""

PUBLIC = ("unsafe",)
"""Modules that other rooms may import; the others are the inside of this room."""
