"""Examines one file: what it holds, and what is doubtful in it.

Independent of CKAN, because it runs in a process of its own with limits of memory and time
(`__main__`): a hostile file ends that process, not the worker.
"""
