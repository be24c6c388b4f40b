"""Merges the nd47 fields with a portal's own schema into one schema for ckanext-scheming.

ckanext-scheming uses one schema for each dataset type and cannot combine two (ckanext-scheming
issue 395), so the two are merged once, into a file that the portal maintains.
"""
