"""`make docs`: writes the pages of the documentation that are made from the code."""

from __future__ import annotations

from pathlib import Path

from ckan.cli import load_config
from ckan.config.middleware import make_app

from dev.console import say
from dev.docs import actions, dataset_fields, doctor, mapping, options, rules
from dev.local.run_folder import REPOSITORY

DOCS = REPOSITORY / "docs"
OTHERS = "nd47_tables nd47_catalogue nd47_desk"
"""Plugins with actions and commands that most tests do without."""


def pages() -> dict[Path, str]:
    """Return the text of each generated page; all plugins of the suite must be loaded."""
    configure = DOCS / "configure.md"
    return {
        DOCS / "reference.md": actions.page(),
        DOCS / "metadata.md": dataset_fields.markdown(),
        DOCS / "dcat.md": mapping.markdown(),
        DOCS / "doctor.md": doctor.markdown(),
        DOCS / "rules.md": rules.markdown(),
        configure: options.renewed(configure.read_text(encoding="utf-8")),
    }


def main() -> None:
    """Write each page, and say which ones changed."""
    config = load_config(str(REPOSITORY / "test.ini"))
    config["ckan.plugins"] = f"{OTHERS} {config['ckan.plugins']}"
    make_app(config)
    for path, text in pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            say(f"written: {path.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
