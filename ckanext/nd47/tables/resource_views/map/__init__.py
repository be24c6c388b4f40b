"""The map of a file or table: places that the server converts to GeoJSON, drawn by Leaflet.

`convert` runs in a process of its own without CKAN, as the check of files does.
"""
