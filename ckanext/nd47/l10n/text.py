"""Folding of Vietnamese text: what two spellings of one word have in common.

Free of CKAN, so that migrations, scripts and tests can use it.
"""

from __future__ import annotations

import unicodedata

_WITHOUT_MARK = str.maketrans({"đ": "d", "Đ": "d"})
"""Letters that Unicode does not take apart into a letter and a mark."""


def fold(text: str) -> str:
    """Return a text without diacritics, in lower case, with single blanks.

    `Sở Giáo dục và Đào tạo`, `SO GIAO DUC VA DAO TAO` and the same in decomposed Unicode all give
    `so giao duc va dao tao`.
    """
    apart = unicodedata.normalize("NFKD", text.translate(_WITHOUT_MARK))
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())
