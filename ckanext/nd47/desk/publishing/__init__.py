"""Publication with open eyes, and the next period of data that are updated regularly.

`review` says what citizens will see and what the rules say, `ways` how a dataset can be published
on this portal. `periods`, `headings` and `new_period` add the file of the next period.
"""
