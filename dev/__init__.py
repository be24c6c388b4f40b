"""What runs a portal on one machine: `make portal`, `make test` and their kin.

Only the standard library is used, since this code runs before anything is installed.
"""
