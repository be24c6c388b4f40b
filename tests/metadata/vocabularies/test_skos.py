"""Code lists as SKOS."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, SKOS

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata.vocabularies import skos

IDS = vocabulary.ids()


def concept(vocabulary_id: str, code: str) -> tuple[Graph, URIRef]:
    terms = vocabulary.get(vocabulary_id)
    return skos.graph(terms, code), URIRef(vocabulary.iri(vocabulary_id, code))


@pytest.mark.parametrize("extension", skos.SERIALISERS)
@pytest.mark.parametrize("vocabulary_id", IDS)
def test_what_is_written_can_be_read_again(vocabulary_id, extension):
    terms = vocabulary.get(vocabulary_id)
    written = skos.write(terms, extension)
    read = Graph().parse(data=written, format=skos.SERIALISERS[extension][0])
    assert len(read) == len(skos.graph(terms))
    assert len(set(read.subjects(RDF.type, SKOS.Concept))) == len(terms)


@pytest.mark.parametrize("vocabulary_id", IDS)
def test_every_concept_has_one_label_in_each_language(vocabulary_id):
    """SKOS allows one preferred label for each language (integrity condition S14)."""
    triples = skos.graph(vocabulary.get(vocabulary_id))
    for node in triples.subjects(RDF.type, SKOS.Concept):
        labels = triples.objects(node, SKOS.prefLabel)
        langs = [label.language for label in labels if isinstance(label, Literal)]
        assert sorted(map(str, langs)) == ["en", "vi"]


def test_concept_is_bound_to_its_scheme_both_ways():
    triples, node = concept("frequency", "hang-nam")
    scheme = URIRef(vocabulary.iri("frequency"))
    assert (node, SKOS.inScheme, scheme) in triples
    assert (scheme, SKOS.hasTopConcept, node) in triples
    assert (node, SKOS.notation, Literal("hang-nam")) in triples


def test_mapping_told_by_others_is_exact():
    triples, node = concept("frequency", "hang-nam")
    annual = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
    assert (node, SKOS.exactMatch, URIRef(annual)) in triples


def test_mapping_of_our_own_is_only_close():
    """Nobody but this software says that the field `lao-dong` is the EU's SOCI."""
    triples, node = concept("field-national", "lao-dong")
    assert not list(triples.objects(node, SKOS.exactMatch))
    assert len(list(triples.objects(node, SKOS.closeMatch))) == 1


def test_row_that_nobody_checked_says_so():
    triples, node = concept("importance", "du-lieu-khac")
    assert (node, skos.ADMS.status, URIRef(vocabulary.iri("row-status", "unverified"))) in triples


def test_old_province_points_to_the_new_one():
    triples, node = concept("province-old", "kien-giang")
    new = URIRef(vocabulary.iri("province", "91"))
    assert (node, DCTERMS.isReplacedBy, new) in triples


def test_retired_code_is_deprecated_and_points_to_all_that_followed():
    triples, node = concept("workflow-status", "thu-hoi")
    assert (node, OWL.deprecated, Literal(True)) in triples
    assert set(triples.objects(node, DCTERMS.isReplacedBy)) == {
        URIRef(vocabulary.iri("publication-status", code)) for code in ("thu-hoi", "tam-dung")
    }


def test_row_that_is_only_not_offered_is_not_deprecated():
    triples, node = concept("instrument", "tcvn-7980")
    assert (node, OWL.deprecated, None) not in triples


def test_end_of_force_is_a_date():
    triples, node = concept("instrument", "nd-47-2020")
    (end,) = triples.objects(node, skos.EUVOC.endDate)
    assert str(end) == "2025-10-21"


def test_several_values_of_a_column_are_several_statements():
    triples, node = concept("file-format", "JPEG")
    column = URIRef(f"{vocabulary.iri('file-format')}#extensions")
    assert {str(one) for one in triples.objects(node, column)} == {"jpg", "jpeg"}


@pytest.mark.slow
def test_same_list_gives_the_same_bytes_in_every_process():
    """So that a cache between the portal and its readers may keep it."""
    code = (
        "import sys; from types import MappingProxyType as M;"
        "import ckan.plugins.toolkit as tk;"
        "tk.config.update({'ckan.site_url': 'http://a.example', 'ckan.root_path': '',"
        " 'ckanext.nd47.base_iri': '', 'ckanext.nd47.vocabulary_folder': '',"
        " 'ckanext.nd47.field_scheme': 'field-national'});"
        "from ckanext.nd47.lib.vocabularies import vocabulary;"
        "from ckanext.nd47.metadata.vocabularies import skos;"
        "\nfor extension in skos.SERIALISERS:"
        " print(extension, skos.write(vocabulary.get('instrument'), extension))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("luat-20-2023") >= len(skos.SERIALISERS)
