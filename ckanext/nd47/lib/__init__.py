"""The ground floor: configuration, data files, code lists, values and Vietnamese text.

Every room may import every module here; nothing here imports a room.
"""
