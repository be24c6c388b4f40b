"""Fields of datasets: which ones a portal's schema has, and how values are read and stored.

`dataset_fields` finds the nd47 fields in a schema, `values`, `contact_values` and `geometry`
validate single values, `splitting` and `spellings` read what people wrote.
"""
