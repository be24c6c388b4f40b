"""Provinces, districts and communes of Viet Nam, those of before 1 July 2025 and their successors.

`source` reads the data of the library vietnamadminunits, `names` compares names, `judge` says which
values of a column name no unit, or a former one. Nothing here needs CKAN: the process that
examines a file uses it as well.
"""
