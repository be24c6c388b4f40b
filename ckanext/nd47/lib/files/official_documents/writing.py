"""Writes a document, if the library for it is installed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import ckan.plugins.toolkit as tk

if TYPE_CHECKING:
    from ckanext.nd47.lib.files.official_documents.document import OfficialDocument

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LIBRARY = "docx"
EXTRA = "ckanext-nd47[docx]"


class MissingLibraryError(RuntimeError):
    """python-docx is not installed; the message says what to install."""


def write(document: OfficialDocument) -> bytes:
    """Return a document as DOCX, without macros or links to other files.

    Raises:
        MissingLibraryError: python-docx is not installed.
    """
    try:
        importlib.import_module(LIBRARY)
    except ImportError as error:
        message = tk._("The portal cannot write DOCX: it needs `pip install {package}`.")
        raise MissingLibraryError(message.format(package=EXTRA)) from error
    return importlib.import_module("ckanext.nd47.lib.files.official_documents.file").content(
        document
    )
