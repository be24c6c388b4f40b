"""A reference in the formats that people and reference managers read.

Sources: APA style, 7th edition, section 10.9 (data sets); BibTeX's rules for braces (a brace counts
even behind a backslash); the RIS specification (one tag a line); CSL-JSON, schema of the Citation
Style Language 1.0.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.nd47.metadata.citation import Citation


@dataclass(frozen=True)
class Format:
    """A format of a reference.

    Attributes:
        extension: end of the file name and of the address.
        media_type: what the server calls it.
        name: what people call it.
        write: makes the file.
    """

    extension: str
    media_type: str
    name: str
    write: Callable[[Citation], str]


def apa(citation: Citation) -> str:
    """Write a line of text in the manner of APA."""
    kind = tk._("[Data set]")
    version = tk._("(Version {version})").format(version=citation.version)
    number = tk._("(No. {identifier})").format(identifier=citation.identifier)
    title = [
        citation.title,
        number if citation.identifier else "",
        version if citation.version else "",
        kind,
    ]
    publisher = citation.publisher if citation.publisher != citation.author else ""
    sentences = [citation.author, _apa_date(citation), " ".join(filter(None, title)), publisher]
    text = " ".join(part.rstrip(".") + "." for part in sentences if part)
    return f"{text} {citation.url}\n"


def _apa_date(citation: Citation) -> str:
    if not citation.updated:
        return tk._("(n.d.)")
    return f"({'-'.join(f'{part:02}' for part in citation.updated)})"


BIBTEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    # `\{` would count as an opening brace, and one brace too many swallows the rest of the file.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_BIBTEX_SPECIAL = re.compile("|".join(map(re.escape, BIBTEX_ESCAPES)))


def bibtex(citation: Citation) -> str:
    """Write an entry for BibTeX and biblatex, in UTF-8.

    The author has braces of its own: an agency is not a person with a family name. `@misc` is known
    to every style, `@dataset` is not.
    """
    year, month, day = (*citation.updated, 0, 0, 0)[:3]
    fields = {
        "author": f"{{{_latex(citation.author)}}}" if citation.author else "",
        "title": f"{{{_latex(citation.title)}}}",
        "year": str(year or ""),
        "month": str(month or ""),
        "day": str(day or ""),
        "publisher": _latex(citation.publisher),
        "number": _latex(citation.identifier),
        "version": _latex(citation.version),
        "type": "dataset",
        "url": citation.url,
        "urldate": citation.accessed.isoformat(),
        "language": citation.language,
        "note": _latex(citation.licence),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{citation.key},\n" + ",\n".join(lines) + "\n}\n"


def _latex(text: str) -> str:
    return _BIBTEX_SPECIAL.sub(lambda found: BIBTEX_ESCAPES[found[0]], text)


def ris(citation: Citation) -> str:
    """Write a RIS record: lines of tag, two blanks, dash, blank and value, ended by CR LF."""
    year, month, day = (*citation.updated, 0, 0, 0)[:3]
    date = "/".join(f"{part:02}" if part else "" for part in (year, month, day))
    fields = [
        ("TY", "DATA"),
        ("AU", citation.author),
        ("TI", citation.title),
        ("PY", str(year or "")),
        ("DA", f"{date}/" if year else ""),
        ("PB", citation.publisher),
        ("AN", citation.identifier),
        ("ET", citation.version),
        ("UR", citation.url),
        ("Y2", citation.accessed.strftime("%Y/%m/%d/")),
        ("LA", citation.language),
        ("N1", citation.licence),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl_json(citation: Citation) -> str:
    """Write a list of one CSL item."""
    item = {
        "id": citation.key,
        "type": "dataset",
        "title": citation.title,
        "author": [{"literal": citation.author}] if citation.author else [],
        "issued": {"date-parts": [list(citation.updated)]} if citation.updated else {},
        "accessed": {"date-parts": [[int(n) for n in citation.accessed.isoformat().split("-")]]},
        "publisher": citation.publisher,
        "number": citation.identifier,
        "version": citation.version,
        "URL": citation.url,
        "language": citation.language,
        "note": citation.licence,
    }
    said = {name: value for name, value in item.items() if value}
    return json.dumps([said], ensure_ascii=False, indent=2) + "\n"


FORMATS = {
    one.extension: one
    for one in (
        Format("txt", "text/plain", "APA", apa),
        Format("bib", "application/x-bibtex", "BibTeX", bibtex),
        Format("ris", "application/x-research-info-systems", "RIS", ris),
        Format("json", "application/vnd.citationstyles.csl+json", "CSL-JSON", csl_json),
    )
}
"""The formats by extension, in the order of the page."""
