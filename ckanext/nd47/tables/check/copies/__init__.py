"""Copies of a file that the check writes: repaired, in WGS 84, or for the DataStore."""
