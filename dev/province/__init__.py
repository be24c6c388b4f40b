"""The sample province: a fictitious province with its agencies, datasets and data files.

Nothing here belongs to a real place. The province, its communes, its numbers, decisions, mailboxes
and telephone numbers are invented; agency code H99 is in use nowhere. Only the shape is real: the
departments of a province since 01/03/2025, two levels of local government since 01/07/2025, the
kinds of open data of Công văn 2051/BTTTT-THH.
"""

from __future__ import annotations

from .content import DEFAULT_SEED, province
from .loader import LoadError, load
from .model import DataFile, Dataset, Organisation, Place, Province, Summary

__all__ = [
    "DEFAULT_SEED",
    "DataFile",
    "Dataset",
    "LoadError",
    "Organisation",
    "Place",
    "Province",
    "Summary",
    "load",
    "province",
]
