"""Converts files with geometries to bounded GeoJSON in WGS 84, in a process without CKAN."""
