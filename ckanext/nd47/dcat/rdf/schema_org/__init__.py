"""Profiles that complete those of ckanext-dcat for schema.org: for search engines and Croissant."""
