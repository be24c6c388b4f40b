"""What a dataset shows that is not stored with it: the sentence to cite it by, and its licence.

CKAN drops computed fields on saving, so a dataset that was read may be sent back as it is. The
search index holds the title of the licence in the language of whoever saved the dataset, and no
sentence; so both are made each time.
"""

from __future__ import annotations

from typing import Any

from ckanext.nd47.metadata import attribution, licence

STATEMENT = "attribution_statement"


def show(dataset: dict[str, Any]) -> None:
    """Put the computed fields into a dataset that an action returns."""
    _show(dataset, {})


def renew(datasets: list[dict[str, Any]]) -> None:
    """Renew the computed fields of datasets that a search found.

    A search for single fields (`fl`) gives datasets without files, and they stay as they are.
    """
    agencies: attribution.Agencies = {}
    for dataset in datasets:
        if "resources" in dataset:
            _show(dataset, agencies)


def _show(dataset: dict[str, Any], agencies: attribution.Agencies) -> None:
    licence.show(dataset)
    dataset[STATEMENT] = attribution.for_api(dataset, agencies)
