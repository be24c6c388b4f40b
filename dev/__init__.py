"""Runs a portal on one machine: `make portal`, `make test` and the other commands.

Only the standard library is used, since this code runs before anything is installed.
"""
