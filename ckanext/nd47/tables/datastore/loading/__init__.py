"""Loads the table of a file into the DataStore, with the types that the check found.

It takes the place of ckanext-xloader, which guesses types from a sample or stores text alone. The
job of the check writes the table; `store` replaces the one in the DataStore in one transaction.
"""
