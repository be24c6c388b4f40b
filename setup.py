"""Packaging of ckanext-nd47.

Metadata stands here because the data folders `schemas/` and `i18n/` live at the top of the
repository, where people look for them, and are mapped into the package on a build. A wheel then
holds them below `ckanext/nd47/_data/`; `data_path` of `ckanext.nd47.lib.data` finds them in both.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from setuptools import find_namespace_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
DATA_FOLDERS = ("schemas", "i18n")
DATA_PACKAGE = "ckanext.nd47._data"


def data_packages() -> dict[str, str]:
    """Map each folder below the data folders to its package name in the wheel."""
    packages = {}
    for top in DATA_FOLDERS:
        for folder in [ROOT / top, *sorted(p for p in (ROOT / top).rglob("*") if p.is_dir())]:
            relative = folder.relative_to(ROOT)
            packages[".".join([DATA_PACKAGE, *relative.parts])] = str(relative)
    return packages


class BuildWithTranslations(build_py):
    """Compile the translation catalogues before the files are collected."""

    def run(self) -> None:
        compile_catalogues(ROOT / "i18n")
        super().run()


def compile_catalogues(folder: Path) -> None:
    """Compile the catalogues with the package's own code, which cannot be imported on a build."""
    path = ROOT / "ckanext" / "nd47" / "lib" / "language" / "catalogues.py"
    spec = spec_from_file_location("catalogues", path)
    assert spec is not None  # noqa: S101 - the file stands beside this one
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.compile_catalogues(folder)


DATA_PACKAGES = data_packages()

setup(
    name="ckanext-nd47",
    version="0.1.0",
    description=(
        "CKAN plugins for Vietnamese provinces: the metadata of Decree 47/2020/NĐ-CP, "
        "a Vietnamese CKAN, and a complete DCAT export (for CKAN 2.12)"
    ),
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="AGPL-3.0-or-later",
    license_files=["LICENSE"],
    keywords=["CKAN", "DCAT", "open data", "Vietnam", "Decree 47/2020"],
    python_requires=">=3.10",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Flask",
        "Natural Language :: Vietnamese",
        "Programming Language :: Python :: 3",
    ],
    packages=[
        *find_namespace_packages(include=["ckanext.nd47", "ckanext.nd47.*"]),
        *DATA_PACKAGES,
    ],
    package_dir=DATA_PACKAGES,
    package_data={"": ["*"], **{name: ["*"] for name in DATA_PACKAGES}},
    include_package_data=True,
    install_requires=[
        "crawler-user-agents>=1.60,<2",
        "ckanext-scheming>=3.1,<4",
        "ckanext-dcat>=2.4.4,<3",
        "holidays>=0.100,<1",
        "phonenumbers>=9.0,<10",
        "pyoxigraph>=0.5.13,<0.6",
        "zipstream-ng>=1.9,<2",
    ],
    extras_require={
        # Not a plain requirement: pip must never replace the CKAN of a running portal.
        "ckan": ["ckan[requirements]>=2.12,<2.13"],
        # openpyxl reads XML safely only where defusedxml is there too.
        "xlsx": ["openpyxl>=3.1", "defusedxml>=0.7.1"],
        # Documents in the form of Decree 30/2020/NĐ-CP.
        "docx": ["python-docx>=1.2,<2"],
        # What the checks of files read them with.
        "tables": [
            "defusedxml>=0.7.1",
            "ijson>=3.3",
            "matplotlib>=3.9,<4",
            "openpyxl>=3.1",
            "pypdf>=6,<8",
            "pyproj>=3.6",
            "pyshp>=3,<4",
            "python-calamine>=0.4,<1",
            "requests>=2.31",
            "shapely>=2.0",
            # Its data files are read: see ckanext/nd47/tables/communes/source.py.
            "vietnamadminunits>=1.0.4,<1.1",
        ],
    },
    entry_points={
        "ckan.plugins": [
            "nd47 = ckanext.nd47.plugin:Nd47Plugin",
            "nd47_l10n = ckanext.nd47.l10n.plugin:L10nPlugin",
            "nd47_desk = ckanext.nd47.desk.plugin:DeskPlugin",
            "nd47_portal = ckanext.nd47.portal.plugin:PortalPlugin",
            "nd47_dcat = ckanext.nd47.dcat.plugin:DcatPlugin",
            "nd47_catalogue = ckanext.nd47.catalogue.plugin:CataloguePlugin",
            "nd47_tables = ckanext.nd47.tables.plugin:TablesPlugin",
            "nd47_map_view = ckanext.nd47.tables.resource_views.map.plugin:MapView",
            "nd47_chart_view = ckanext.nd47.tables.resource_views.chart.plugin:ChartView",
            "nd47_document_view = ckanext.nd47.tables.resource_views.documents.plugin:DocumentView",
        ],
        "ckan.rdf.profiles": [
            "nd47_dcat_ap = ckanext.nd47.dcat.rdf.profile:Nd47Profile",
            "nd47_schemaorg = ckanext.nd47.dcat.rdf.schema_org.additions:SchemaOrgAdditions",
            "nd47_croissant = ckanext.nd47.dcat.rdf.schema_org.croissant:CroissantAdditions",
        ],
        "babel.extractors": ["ckan = ckan.lib.extract:extract_ckan"],
    },
    message_extractors={
        "ckanext/nd47": [
            ("**.py", "python", None),
            ("**.js", "javascript", None),
            ("**/templates/**.html", "ckan", None),
        ],
    },
    cmdclass={"build_py": BuildWithTranslations},
)
