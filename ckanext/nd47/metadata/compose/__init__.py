"""Our fields beside those of a portal's own schema: one merged schema for ckanext-scheming.

ckanext-scheming lets one schema for each dataset type win and knows no mixing of two
(ckanext-scheming issue 395), so the two are merged once, into a file that the portal keeps.
"""
