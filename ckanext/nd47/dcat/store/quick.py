"""A store for rdflib that takes one dataset quickly.

rdflib's own stores index each triple three ways and tell listeners of it, which takes longer than
everything else that writing a dataset does. One dataset is asked by subject, or seldom.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rdflib.store import Store


class QuickStore(Store):
    """Triples by subject, in memory, without named graphs."""

    def __init__(self) -> None:
        super().__init__()
        self._by_subject: dict[Any, dict[tuple[Any, Any, Any], None]] = {}
        self._prefixes: dict[str, Any] = {}

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        """Add a triple."""
        self._by_subject.setdefault(triple[0], {})[triple] = None

    def remove(self, triple: Any, context: Any = None) -> None:
        """Remove the triples that fit a pattern."""
        for found, _contexts in list(self.triples(triple)):
            self._by_subject[found[0]].pop(found, None)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """Yield the triples that fit a pattern, in the order in which they came."""
        subject, predicate, value = triple_pattern
        if subject is not None and predicate is not None and value is not None:
            if triple_pattern in self._by_subject.get(subject, ()):
                yield triple_pattern, iter(())
            return
        groups = self._by_subject.values()
        if subject is not None:
            groups = [self._by_subject.get(subject, {})]
        for group in list(groups):  # noqa: PERF101 - a graph may grow while it is asked
            for found in list(group):
                if predicate in (None, found[1]) and value in (None, found[2]):
                    yield found, iter(())

    def __len__(self, context: Any = None) -> int:
        return sum(map(len, self._by_subject.values()))

    def bind(self, prefix: str, namespace: Any, override: bool = True) -> None:
        """Keep a prefix; nothing here is written with it."""
        self._prefixes[prefix] = namespace

    def namespace(self, prefix: str) -> Any:
        """Return the namespace of a prefix."""
        return self._prefixes.get(prefix)

    def prefix(self, namespace: Any) -> str | None:
        """Return the prefix of a namespace."""
        return next((name for name, one in self._prefixes.items() if one == namespace), None)

    def namespaces(self) -> Iterator[Any]:
        """Yield prefixes with their namespaces."""
        return iter(self._prefixes.items())
