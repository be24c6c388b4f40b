"""Fields of the search index that this room adds, all of CKAN's dynamic kind `extras_*`.

Solr splits them into words and copies them to `text`, the field that every query looks at.
"""

from __future__ import annotations

TITLE = "extras_nd47_title"
TAGS = "extras_nd47_tags"
TEXT = "extras_nd47_text"

ALL = (TITLE, TAGS, TEXT)

EVERYTHING = "text"
"""CKAN's field of all texts, to which Solr copies ours."""
