"""What datasets and resources have: columns, extras, keywords and groups, and their fields."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.lib.fields import contact_values, dataset_fields, spellings, splitting, values
from ckanext.nd47.migrate import targets
from ckanext.nd47.migrate.datasets import COLUMNS, GROUPS, TAGS
from ckanext.nd47.rules import records

RESOURCE = "resource"
"""Kind of the sources that are extras of resources."""
SHOWN_VALUES = 20
"""Values of a source that are shown."""
MAX_VALUES = 1_000
"""Values of a source that a guess looks at."""
MAX_VALUE_LENGTH = 200
"""Characters of a value that are shown."""


class ValueCount(TypedDict):
    """A value with the number of datasets that have it."""

    value: str
    datasets: int


class Source(TypedDict):
    """A column or extra, and what it may be.

    `field` is empty where nothing is guessed, or where it is a field of the suite already (`own`).
    """

    name: str
    kind: str
    datasets: int
    distinct: int
    values: list[ValueCount]
    own: bool
    field: str
    sure: bool


def count_datasets() -> int:
    """Return how many datasets there are."""
    return model.Session.scalar(sa.select(sa.func.count()).select_from(_datasets())) or 0


def list_sources(max_values: int = SHOWN_VALUES) -> list[Source]:
    """Return what the datasets have, the most frequent sources first.

    Args:
        max_values: how many values of each source to list.
    """
    sources: dict[tuple[str, str], Source] = {}
    rows = (*model.Session.execute(_query()), *_resource_rows())
    for kind, name, value, dataset_count, distinct, source_count in rows:
        source = sources.setdefault(
            (kind, name),
            Source(
                name=name,
                kind=kind,
                datasets=source_count,
                distinct=distinct,
                values=[],
                own=_is_own(name),
                field="",
                sure=False,
            ),
        )
        source["values"].append(ValueCount(value=value, datasets=dataset_count))
    for source in sources.values():
        value_counts = [(value["value"], value["datasets"]) for value in source["values"]]
        source["field"], source["sure"] = guess_field(source["name"], source["kind"], value_counts)
        source["values"] = source["values"][:max_values]
    return sorted(sources.values(), key=lambda source: (-source["datasets"], source["name"]))


def organisations() -> list[tuple[str, str, int]]:
    """Return name, title and number of datasets of each organisation that has some."""
    datasets = _datasets()
    query = (
        sa.select(model.Group.name, model.Group.title, sa.func.count())
        .join(datasets, datasets.c.owner_org == model.Group.id)
        .group_by(model.Group.name, model.Group.title)
        .order_by(model.Group.name)
    )
    return [(name, title or name, count) for name, title, count in model.Session.execute(query)]


def _is_own(name: str) -> bool:
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    if name.startswith(targets.RESOURCES):
        own = fields.resource_texts | fields.resource_lists | fields.resource_groups
        return name.removeprefix(targets.RESOURCES) in own
    return name in fields.extras or name in {"title", "notes", "url", "version"}


def _datasets() -> sa.Subquery:
    table = model.package_table
    return (
        sa.select(table)
        .where(table.c.state != model.State.DELETED, table.c.type.in_(records.governed_types()))
        .subquery("datasets")
    )


def _query() -> sa.Select[Any]:
    """Return the values of all sources in one query: counted, ranked and cut by the database."""
    datasets = _datasets()
    parts = [
        sa.select(sa.literal("column").label("kind"), sa.literal(name).label("name"), column)
        for name in COLUMNS
        for column in [datasets.c[name].label("value")]
    ]
    each = sa.func.jsonb_each_text(datasets.c.extras).table_valued("key", "value")
    parts.append(
        sa.select(sa.literal("extra"), each.c.key, each.c.value).select_from(
            datasets.join(each, sa.true())
        )
    )
    parts.append(
        sa.select(sa.literal(TAGS), sa.literal(TAGS), model.Tag.name)
        .join(model.PackageTag, model.PackageTag.tag_id == model.Tag.id)
        .join(datasets, datasets.c.id == model.PackageTag.package_id)
        .where(model.PackageTag.state == model.State.ACTIVE)
    )
    parts.append(
        sa.select(sa.literal(GROUPS), sa.literal(GROUPS), model.Group.title)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .join(datasets, datasets.c.id == model.Member.table_id)
        .where(
            model.Member.state == model.State.ACTIVE,
            model.Member.table_name == "package",
            model.Group.is_organization.is_(False),
        )
    )
    return _ranked(sa.union_all(*parts).subquery("all_values"))


def _resource_rows() -> Iterator[tuple[str, str, str, int, int, int]]:
    """Yield the extras of resources in the form of `_query`.

    They are counted here: a cast of the database fails for all rows if one is not valid JSON.
    """
    with_value: dict[str, Counter[str]] = defaultdict(Counter)
    with_name: Counter[str] = Counter()
    for dataset_extras in _resource_extras():
        pairs = {pair for extras in dataset_extras for pair in extras.items()}
        for name, value in pairs:
            with_value[name][value[:MAX_VALUE_LENGTH]] += 1
        with_name.update({name for name, _value in pairs})
    for name in sorted(with_value):
        counts = with_value[name]
        ranked = sorted(counts.items(), key=lambda value_count: (-value_count[1], value_count[0]))
        for value, count in ranked[:MAX_VALUES]:
            path = f"{targets.RESOURCES}{name}"
            yield RESOURCE, path, value, count, len(counts), with_name[name]


def _resource_extras() -> Iterator[list[dict[str, str]]]:
    """Yield the extras that are texts of all resources of a dataset, dataset by dataset."""
    table, stored = model.resource_table, _datasets()
    extras = sa.type_coerce(table.c.extras, sa.UnicodeText).label("extras")
    query = (
        sa.select(table.c.package_id, extras)
        .join(stored, stored.c.id == table.c.package_id)
        .where(table.c.state == model.State.ACTIVE)
        .order_by(table.c.package_id)
    )
    for _package_id, rows in groupby(model.Session.execute(query), key=itemgetter(0)):
        parsed = [records.as_mapping(row.extras) for row in rows]
        yield [
            {key: value for key, value in mapping.items() if isinstance(value, str) and value}
            for mapping in parsed
        ]


def _ranked(all_values: sa.Subquery) -> sa.Select[Any]:
    value = sa.func.left(all_values.c.value, MAX_VALUE_LENGTH)
    counted = (
        sa.select(
            all_values.c.kind, all_values.c.name, value.label("value"), sa.func.count().label("n")
        )
        .where(all_values.c.value.is_not(None), all_values.c.value != "")
        .group_by(all_values.c.kind, all_values.c.name, value)
        .subquery("counted")
    )
    source = (counted.c.kind, counted.c.name)
    ranked = sa.select(
        counted,
        sa.func.count().over(partition_by=source).label("distinct_values"),
        sa.func.sum(counted.c.n).over(partition_by=source).label("source_datasets"),
        sa.func.row_number()
        .over(partition_by=source, order_by=(counted.c.n.desc(), counted.c.value))
        .label("rank"),
    ).subquery("ranked")
    return (
        sa.select(
            ranked.c.kind,
            ranked.c.name,
            ranked.c.value,
            ranked.c.n,
            ranked.c.distinct_values,
            sa.cast(ranked.c.source_datasets, sa.BigInteger),
        )
        .where(ranked.c.rank <= MAX_VALUES)
        .order_by(ranked.c.kind, ranked.c.name, ranked.c.rank)
    )


MIN_SHARE = 0.6
"""Share of the values that must be in a code list for a guess by values."""
RECOGNISABLE_FIELDS = ("frequency", "sharing_class", "access_rights", "theme", "language")
"""Fields whose codes differ from those of all other fields, so values identify the field."""
COLUMN_FIELDS: Mapping[str, str] = {
    "license_id": "license_id",
    "maintainer": "contact",
    "maintainer_email": "contact.email",
    "author": "contact",
    "author_email": "contact.email",
    "groups": "theme",
}
"""The fields for CKAN columns; other columns are fields of the suite with the same name."""

ValueCounts = list[tuple[str, int]]
"""Values, each with the number of datasets that have it."""


def guess_field(name: str, kind: str, value_counts: ValueCounts) -> tuple[str, bool]:
    """Return the field that a source may be, empty for none, and whether that is sure.

    Args:
        name: of the source.
        kind: `column`, `extra`, `tags`, `groups` or `resource`.
        value_counts: its values.
    """
    if kind == RESOURCE:
        return _guess_resource_field(name.removeprefix(targets.RESOURCES))
    if kind != "extra":
        return COLUMN_FIELDS.get(name, ""), True
    fields_by_key = spellings.fields_by_key()
    name_key = spellings.text_key(name)
    if name_key in fields_by_key:
        return _frequency_or_modified(fields_by_key[name_key], value_counts), True
    if nearest_key := targets.nearest(name_key, fields_by_key):
        return _frequency_or_modified(fields_by_key[nearest_key], value_counts), False
    return _guess_by_values(value_counts), False


def _guess_resource_field(name: str) -> tuple[str, bool]:
    """Return the field of resources that an extra may be, by its name alone."""
    fields_by_key = targets.resource_fields_by_key()
    name_key = spellings.text_key(name)
    if name_key in fields_by_key:
        return fields_by_key[name_key], True
    return fields_by_key.get(targets.nearest(name_key, fields_by_key), ""), False


def _frequency_or_modified(path: str, value_counts: ValueCounts) -> str:
    """Return `modified` for `frequency` where the values are days: `Cập nhật` can mean both."""
    if path == "frequency" and _share(value_counts, _is_day) > MIN_SHARE:
        return "modified"
    return path


def _guess_by_values(value_counts: ValueCounts) -> str:
    for path in RECOGNISABLE_FIELDS:
        vocabulary_id = targets.known_targets()[path].vocabulary
        if _share(value_counts, partial(_is_code, vocabulary_id)) >= MIN_SHARE:
            return path
    return "contact" if _share(value_counts, _is_contact) >= MIN_SHARE else ""


def _share(value_counts: ValueCounts, test: Callable[[str], bool]) -> float:
    total = sum(count for _value, count in value_counts)
    return sum(count for value, count in value_counts if test(value)) / total if total else 0.0


def _is_code(vocabulary_id: str, value: str) -> bool:
    return bool(spellings.code_of(vocabulary_id, value))


def _is_contact(value: str) -> bool:
    contact = splitting.contact(value)
    return "name" in contact and bool(
        contact_values.ADDRESS_IN_TEXT.search(value) or contact.get("telephone")
    )


def _is_day(value: str) -> bool:
    try:
        return bool(values.date(value))
    except ValueError:
        return False


def guess_codes(vocabulary_id: str, texts: Iterable[str]) -> dict[str, str]:
    """Return the nearest code for each value that is not in a code list, empty for none.

    Args:
        vocabulary_id: the code list.
        texts: the values.
    """
    codes: dict[str, str] = {}
    for text in texts:
        for part in splitting.items(text):
            if spellings.code_of(vocabulary_id, part):
                continue
            nearest_key = targets.nearest(
                spellings.text_key(part), spellings.codes_by_key(vocabulary_id)
            )
            codes[part] = spellings.codes_by_key(vocabulary_id).get(nearest_key, "")
    return codes
