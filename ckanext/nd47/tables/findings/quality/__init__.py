"""The eight groups of faults and the index of data quality, an option from a secondary source.

`method` reads them from `schemas/quality-index.yaml`, `index` computes them for a checked file.
"""
