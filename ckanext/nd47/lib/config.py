"""Options of the suite: the only place with their keys.

Each function returns the value of an option in its type. The defaults are in
`config_declaration.yaml` only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan.common import config_declaration

from ckanext.nd47.lib.data import data_path, read_yaml

if TYPE_CHECKING:
    from ckan.config.declaration import Declaration, Key

BASE_IRI = "ckanext.nd47.base_iri"
VOCABULARY_FOLDER = "ckanext.nd47.vocabulary_folder"
FIELD_SCHEME = "ckanext.nd47.field_scheme"
LEGAL_EDITION = "ckanext.nd47.legal_edition"
RULES = "ckanext.nd47.rules"
RULES_FROM = "ckanext.nd47.rules_from"
RULES_FOR_ALL_FROM = "ckanext.nd47.rules_for_all_from"
RULES_BIND_HARVESTS = "ckanext.nd47.rules_bind_harvests"
APPROVAL = "ckanext.nd47.approval"
APPROVAL_CHAIN = "ckanext.nd47.approval_chain"
APPROVAL_FIELDS = "ckanext.nd47.approval_fields"
APPROVAL_BY_AUTHOR = "ckanext.nd47.approval_by_author"
APPROVAL_OF_HARVESTS = "ckanext.nd47.approval_of_harvests"
DEFAULT_LICENSE = "ckanext.nd47.default_license"
DEFAULT_LANGUAGE = "ckanext.nd47.default_language"
AGENCY_CODE = "ckanext.nd47.agency_code"
ATTRIBUTION_TEMPLATE = "ckanext.nd47.attribution_template"
TERMS_FOLDER = "ckanext.nd47.terms_folder"
TERMS_ADDITION_VI = "ckanext.nd47.terms_addition_vi"
TERMS_ADDITION_EN = "ckanext.nd47.terms_addition_en"
FACETS = "ckanext.nd47.facets"
ABBREVIATIONS = "ckanext.nd47.abbreviations"
SYNONYMS = "ckanext.nd47.synonyms"
USERS_CREATE_AGENCIES = "ckanext.nd47.users_create_agencies"
FOCAL_POINT_PUBLIC_FIELDS = "ckanext.nd47.focal_point_public_fields"
PUBLIC_ASSESSMENTS = "ckanext.nd47.public_assessments"
DCAT_TARGET = "ckanext.nd47.dcat_target"
DCAT_PLACE = "ckanext.nd47.dcat_place"
DCAT_EXTENT = "ckanext.nd47.dcat_extent"
DCAT_AVAILABILITY = "ckanext.nd47.dcat_availability"
DCAT_LICENCE = "ckanext.nd47.dcat_licence"
DCAT_TYPES = "ckanext.nd47.dcat_types"
DCAT_DUMP_MINUTES = "ckanext.nd47.dcat_dump_minutes"
DAYS_OFF = "ckanext.nd47.days_off"
WORKING_DAYS = "ckanext.nd47.working_days"
REMINDER_PERIOD = "ckanext.nd47.reminder_period"
REMINDER_NOTICE_DAYS = "ckanext.nd47.reminder_notice_days"
REMINDER_REPEAT_DAYS = "ckanext.nd47.reminder_repeat_days"
REMINDER_LEADER_DAYS = "ckanext.nd47.reminder_leader_days"
REMINDER_COMPILER_DAYS = "ckanext.nd47.reminder_compiler_days"
REMINDER_KINDS_OFF = "ckanext.nd47.reminder_kinds_off"
COMPILING_AGENCY = "ckanext.nd47.compiling_agency"
CATALOGUE_COLUMNS = "ckanext.nd47.catalogue_columns"
PLAN_COLUMNS = "ckanext.nd47.plan_columns"
PUBLIC_PLANS = "ckanext.nd47.public_plans"
PUBLIC_REPORTS = "ckanext.nd47.public_reports"
REPORT_CLOSE_DAY = "ckanext.nd47.report_close_day"
REPORT_MAIL_DAY = "ckanext.nd47.report_mail_day"
USAGE_MONITORS = "ckanext.nd47.usage_monitors"
MAP_UNITS = "ckanext.nd47.map_units"
QUALITY_INDEX = "ckanext.nd47.quality_index"
MAP_TILES = "ckanext.nd47.map_tiles"
MAP_TILES_CREDIT = "ckanext.nd47.map_tiles_credit"
PORTAL_TITLE_EN = "ckanext.nd47.portal_title_en"
PORTAL_OPERATOR_VI = "ckanext.nd47.portal_operator_vi"
PORTAL_OPERATOR_EN = "ckanext.nd47.portal_operator_en"
PORTAL_ADDRESS = "ckanext.nd47.portal_address"
PORTAL_EMAIL = "ckanext.nd47.portal_email"
PORTAL_TELEPHONE = "ckanext.nd47.portal_telephone"
PORTAL_EMBLEM = "ckanext.nd47.portal_emblem"
PORTAL_FAVICON = "ckanext.nd47.portal_favicon"
PORTAL_PICTURE = "ckanext.nd47.portal_picture"
PORTAL_COLOUR = "ckanext.nd47.portal_colour"
PORTAL_LIGHT = "ckanext.nd47.portal_light"
PORTAL_NEWS_VI = "ckanext.nd47.portal_news_vi"
PORTAL_NEWS_EN = "ckanext.nd47.portal_news_en"
PORTAL_MAINTENANCE_FROM = "ckanext.nd47.portal_maintenance_from"
PORTAL_MAINTENANCE_UNTIL = "ckanext.nd47.portal_maintenance_until"
PORTAL_ABOUT_VI = "ckanext.nd47.portal_about_vi"
PORTAL_ABOUT_EN = "ckanext.nd47.portal_about_en"
PORTAL_TERMS_VI = "ckanext.nd47.portal_terms_vi"
PORTAL_TERMS_EN = "ckanext.nd47.portal_terms_en"
PORTAL_ACCESSIBILITY_VI = "ckanext.nd47.portal_accessibility_vi"
PORTAL_ACCESSIBILITY_EN = "ckanext.nd47.portal_accessibility_en"
PORTAL_CONTACT_VI = "ckanext.nd47.portal_contact_vi"
PORTAL_CONTACT_EN = "ckanext.nd47.portal_contact_en"
PORTAL_DEVELOPERS_VI = "ckanext.nd47.portal_developers_vi"
PORTAL_DEVELOPERS_EN = "ckanext.nd47.portal_developers_en"

APPROVAL_STEPS = ("agency", "above", "compiling")
"""Words of the option `APPROVAL_CHAIN`."""
PERSONAL_DATA = "personal-data"
"""Word of the option `APPROVAL_FIELDS`: what the check newly finds in files, see `tables`."""

LONGEST_APPROVAL = 3
"""Steps of an approval at most."""

DCAT_PAGE_SIZE = "ckanext.dcat.datasets_per_page"
DATASET_SCHEMAS = "scheming.dataset_schemas"
ORGANIZATION_SCHEMAS = "scheming.organization_schemas"
PRESETS = "scheming.presets"
SITE_URL = "ckan.site_url"
ROOT_PATH = "ckan.root_path"
PUBLIC_USER_DETAILS = "ckan.auth.public_user_details"

DECLARATION = Path(__file__).with_name("config_declaration.yaml")


def declare(declaration: Declaration, key: Key) -> None:
    """Declare the options of the whole suite.

    Every plugin of the suite calls this, so that each works alone. CKAN refuses to declare an
    option twice, so further calls do nothing.
    """
    if BASE_IRI not in declaration:
        content: Any = read_yaml(DECLARATION)
        declaration.load_dict(content)


def foreign_defaults() -> dict[str, str]:
    """Return the suite's defaults for options of ckanext-scheming."""
    schemas = {name: data_path("schemas", f"{name}.yaml") for name in ("dataset", "organization")}
    presets = data_path("schemas", "presets.yaml").as_uri()
    return {
        DATASET_SCHEMAS: schemas["dataset"].as_uri(),
        ORGANIZATION_SCHEMAS: schemas["organization"].as_uri(),
        # The first file takes precedence, so the suite can override presets of the others.
        PRESETS: f"{presets} ckanext.dcat.schemas:presets.yaml ckanext.scheming:presets.json",
    }


def portal_defaults() -> dict[str, bool]:
    """Return the defaults of `nd47_portal` for options of CKAN: profiles are not public."""
    return {PUBLIC_USER_DETAILS: False}


def with_suite_presets(chosen: list[str]) -> list[str]:
    """Return the preset files that a portal sets, with those that the suite's schemas need.

    A portal does not start if a schema uses a preset that no file defines. The portal's files come
    first and take precedence.
    """
    return list(dict.fromkeys([*chosen, *foreign_defaults()[PRESETS].split()]))


def declared_names() -> list[str]:
    """Return the keys of all options of the suite."""
    content: Any = read_yaml(DECLARATION)
    return [option["key"] for group in content["groups"] for option in group["options"]]


def _text(option: str) -> str:
    return str(tk.config[option] or "").strip()


def _flag(option: str) -> bool:
    # CKAN stores a false value of an editable option as an empty text (`ckan.lib.app_globals`).
    return tk.asbool(tk.config[option] or False)


def _number(option: str, least: int, most: int | None = None) -> int:
    # Zero too is stored as an empty text.
    number = max(int(tk.config[option] or 0), least)
    return number if most is None else min(number, most)


def site_base() -> str:
    """Return the address of the site with its root path, without a trailing slash."""
    root_path = (tk.config[ROOT_PATH] or "").replace("{{LANG}}", "").strip("/")
    site = tk.config[SITE_URL].rstrip("/")
    return f"{site}/{root_path}".rstrip("/") if root_path else site


def dataset_schemas() -> list[str]:
    """Return the schemas of dataset types that ckanext-scheming loads."""
    return _text(DATASET_SCHEMAS).split()


def presets() -> list[str]:
    """Return the files of presets that ckanext-scheming loads."""
    return _text(PRESETS).split()


def base_iri() -> str:
    """Return the base of the portal's IRIs, without a trailing slash."""
    return tk.config[BASE_IRI].rstrip("/") or site_base()


def vocabulary_folder() -> Path | None:
    """Return the folder with the portal's own vocabulary files, if one is set."""
    folder = _text(VOCABULARY_FOLDER)
    return Path(folder) if folder else None


def field_scheme() -> str:
    """Return the id of the vocabulary of fields (lĩnh vực)."""
    return _text(FIELD_SCHEME)


def legal_edition() -> str:
    """Return the code of the legal edition in force on the portal."""
    return _text(LEGAL_EDITION)


def rule_levels() -> str:
    """Return the levels that the portal sets for rules, one `rule: level` on a line."""
    return _text(RULES)


def rules_from() -> str:
    """Return the day from which the rules apply, as text; empty: since the installation."""
    return _text(RULES_FROM)


def rules_for_all_from() -> str:
    """Return the day from which they apply to older publications, as text; empty: never."""
    return _text(RULES_FOR_ALL_FROM)


def rules_bind_harvests() -> bool:
    """Return whether checks and rules apply to harvested datasets."""
    return _flag(RULES_BIND_HARVESTS)


def approval() -> bool:
    """Return whether the portal publishes with approval; agencies may differ."""
    return _flag(APPROVAL)


def approval_chain() -> list[str]:
    """Return the steps of an approval in order, as they are written."""
    return _text(APPROVAL_CHAIN).split()


def approval_fields() -> list[str]:
    """Return the fields of a published dataset whose changes need approval."""
    return _text(APPROVAL_FIELDS).split()


def approval_by_author() -> bool:
    """Return whether who wrote or sent a dataset may approve it."""
    return _flag(APPROVAL_BY_AUTHOR)


def approval_of_harvests() -> bool:
    """Return whether harvested datasets need approval too."""
    return _flag(APPROVAL_OF_HARVESTS)


def default_license() -> str:
    """Return the licence id for new datasets; empty means that of the legal edition."""
    return _text(DEFAULT_LICENSE)


def default_language() -> str:
    """Return the language code for new datasets."""
    return _text(DEFAULT_LANGUAGE)


def agency_code() -> str:
    """Return the code of the agency that runs the portal, or an empty string."""
    return _text(AGENCY_CODE)


def attribution_template() -> str:
    """Return the template of the attribution statement."""
    return tk.config[ATTRIBUTION_TEMPLATE]


def terms_folder() -> Path | None:
    """Return the folder with the portal's own terms of use, if one is set."""
    folder = _text(TERMS_FOLDER)
    return Path(folder) if folder else None


def terms_addition_vi() -> str:
    """Return the portal's addition, in Vietnamese, to the statutory terms of use."""
    return _text(TERMS_ADDITION_VI)


def terms_addition_en() -> str:
    """Return the portal's addition, in English, to the statutory terms of use."""
    return _text(TERMS_ADDITION_EN)


def facets() -> list[str]:
    """Return the facets of lists of datasets in order; empty: those of CKAN."""
    return _text(FACETS).split()


def abbreviations() -> Path | None:
    """Return the file with the portal's own abbreviations, if one is set."""
    path = _text(ABBREVIATIONS)
    return Path(path) if path else None


def synonyms() -> Path | None:
    """Return the file with the portal's own synonyms, if one is set."""
    path = _text(SYNONYMS)
    return Path(path) if path else None


def users_create_agencies() -> bool:
    """Return whether users may create agencies as CKAN's options allow, not only sysadmins."""
    return _flag(USERS_CREATE_AGENCIES)


def focal_point_public_fields() -> list[str]:
    """Return the public fields of a focal point in lower case."""
    return _text(FOCAL_POINT_PUBLIC_FIELDS).lower().split()


def public_assessments() -> bool:
    """Return whether the findings of assessments are public."""
    return _flag(PUBLIC_ASSESSMENTS)


def dcat_target() -> str:
    """Return the target of the export: its name, or the path of a mapping file."""
    return _text(DCAT_TARGET)


def dcat_place() -> str:
    """Return the area that the portal serves: a code of the vocabulary `province`, or a name."""
    return _text(DCAT_PLACE)


def dcat_extent() -> str:
    """Return west, south, east and north of that area in degrees, as text."""
    return _text(DCAT_EXTENT)


def dcat_availability() -> str:
    """Return the EU code of the planned availability of files; empty: not stated."""
    return _text(DCAT_AVAILABILITY)


def dcat_licence() -> str:
    """Return the licence of the catalogue itself; empty: that of new datasets."""
    return _text(DCAT_LICENCE)


def dcat_types() -> list[str]:
    """Return the dataset types that the DCAT export contains."""
    return _text(DCAT_TYPES).split()


def dcat_dump_minutes() -> int:
    """Return the delay of the dump after a change in minutes; 0: no dump."""
    return _number(DCAT_DUMP_MINUTES, 0)


def dcat_page_size() -> int:
    """Return the number of datasets on a page of the catalogue, from 1 to 1000."""
    return _number(DCAT_PAGE_SIZE, 1, 1000)


def days_off() -> list[str]:
    """Return the days on which the province does not work beside the national holidays, as text."""
    return _text(DAYS_OFF).split()


def working_days() -> list[str]:
    """Return the days at weekends or holidays on which the province works, as text."""
    return _text(WORKING_DAYS).split()


def reminders_are_weekly() -> bool:
    """Return whether reminders are sent each week, not each day."""
    return _text(REMINDER_PERIOD) == "week"


def reminder_notice_days() -> int:
    """Return how many days before its day something is in a reminder."""
    return _number(REMINDER_NOTICE_DAYS, 0)


def reminder_repeat_days() -> int:
    """Return after how many days a reminder without anything new is sent again."""
    return _number(REMINDER_REPEAT_DAYS, 1)


def reminder_leader_days() -> int:
    """Return after how many working days the leader is reminded too."""
    return _number(REMINDER_LEADER_DAYS, 0)


def reminder_compiler_days() -> int:
    """Return after how many working days the compiling agency is reminded too."""
    return _number(REMINDER_COMPILER_DAYS, 0)


def reminder_kinds_off() -> list[str]:
    """Return the kinds of work that nobody is reminded of."""
    return _text(REMINDER_KINDS_OFF).split()


def compiling_agency() -> str:
    """Return the compiling agency: its name, id or code; empty: none."""
    return _text(COMPILING_AGENCY)


def catalogue_columns() -> str:
    """Return the columns of the printed catalogue, a line for each; empty: the default."""
    return _text(CATALOGUE_COLUMNS)


def plan_columns() -> str:
    """Return the columns of the printed plan, a line for each; empty: the default."""
    return _text(PLAN_COLUMNS)


def public_plans() -> bool:
    """Return whether everybody reads the issued plans."""
    return _flag(PUBLIC_PLANS)


def public_reports() -> bool:
    """Return whether everybody may read the reports, without what agencies say in them."""
    return _flag(PUBLIC_REPORTS)


def report_close_day() -> int:
    """Return the day of the following month on which a month is closed, from 1 to 28."""
    return _number(REPORT_CLOSE_DAY, 1, 28)


def report_mail_day() -> int:
    """Return the day of the month on which the report is sent, up to 28; 0: never."""
    return _number(REPORT_MAIL_DAY, 0, 28)


def usage_monitors() -> list[str]:
    """Return parts of the names of programs whose views and downloads are not counted."""
    return _text(USAGE_MONITORS).split()


def quality_index() -> bool:
    """Return whether the checks of files show the index of data quality of a secondary source."""
    return _flag(QUALITY_INDEX)


def map_units() -> str:
    """Return the dataset with the outlines of the province's units: its name or id; empty: none."""
    return _text(MAP_UNITS)


def map_tiles() -> str:
    """Return the address of the base map's tiles, with `{z}`, `{x}` and `{y}`; empty: none."""
    return _text(MAP_TILES)


def map_tiles_credit() -> str:
    """Return the words that the provider of the base map asks for."""
    return _text(MAP_TILES_CREDIT)


def declared_default(option: str) -> str:
    """Return the default of an option."""
    declared = config_declaration.get(option)
    return str(declared.default) if declared and declared.has_default() else ""


def portal_light() -> bool:
    """Return whether visitors' pages load a small style and script in place of CKAN's."""
    return _flag(PORTAL_LIGHT)


def portal_text(option: str) -> str:
    """Return an option of the public pages as text."""
    return _text(option)


def portal_page(page: str, language: str) -> str:
    """Return the portal's own text of a page in a language; empty: the default text."""
    return portal_text(f"ckanext.nd47.portal_{page}_{language}")
