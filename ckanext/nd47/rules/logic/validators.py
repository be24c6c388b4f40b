"""The validator of the gate, by the name that schemas use."""

from __future__ import annotations

from ckanext.nd47.rules.publication import nd47_publication

__all__ = ["nd47_publication"]
