"""Where the data files of the suite lie.

`schemas/` and `i18n/` stand at the top of the repository. A wheel carries them inside the package,
an editable install leaves them where they are: this module is the only one that knows the
difference.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


@cache
def data_root() -> Path:
    """Return the folder that holds `schemas/` and `i18n/`.

    Raises:
        FileNotFoundError: neither layout is there, so the installation is broken.
    """
    for folder in (PACKAGE / "_data", PACKAGE.parents[1]):
        if (folder / "schemas" / "vocabularies").is_dir():
            return folder
    msg = f"ckanext-nd47 is installed without its schemas: looked beside {PACKAGE}"
    raise FileNotFoundError(msg)


def data_path(*parts: str) -> Path:
    """Return the path of a data file, for example `data_path("schemas", "dataset.yaml")`."""
    return data_root().joinpath(*parts)
