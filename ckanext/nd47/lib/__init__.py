"""The ground floor: configuration, data files, code lists, values and Vietnamese text.

All rooms may import these modules; none of them imports a room.
"""
