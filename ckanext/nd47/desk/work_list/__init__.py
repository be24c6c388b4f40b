"""The work list: what waits to be done, for the agencies that a person works for.

`kinds` has one module for each kind of work, `listing` counts, searches and pages what they find.
`store` holds what the rules say about each dataset, so that a list does not examine datasets.
"""
