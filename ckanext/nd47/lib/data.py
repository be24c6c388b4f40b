"""Where the data files of the suite lie.

`schemas/` and `i18n/` stand at the top of the repository. A wheel carries them inside the package,
an editable install leaves them where they are: this module is the only one that knows the
difference.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).parents[1]


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


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file, of the suite or of an operator.

    Our own are read by libyaml, ten times as fast where PyYAML has it; a file that is nested deeply
    enough makes it crash, so it is not let near others.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
        yaml.YAMLError: it is not YAML.
    """
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = fast if path.is_relative_to(data_root()) else yaml.SafeLoader
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe
