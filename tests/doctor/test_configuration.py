"""Broken configurations, each made and diagnosed; a sound one, of which nothing is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckanext.nd47.doctor.checks import plugins as checks_plugins
from ckanext.nd47.doctor.checks import site as checks_site
from ckanext.nd47.doctor.finding import LANGUAGES
from ckanext.nd47.doctor.portal import read
from ckanext.nd47.lib.data import data_path
from tests.doctor.setups import PLUGINS, SOUND, Change, Options, configured, ids, ini, storage

OURS = data_path("schemas", "presets.yaml").as_uri()
SCHEMING = "ckanext.scheming:presets.json"
DATASETS = "scheming.dataset_schemas"


def sets(**changes: str) -> Change:
    """Set options, dots written as two underscores; None-like text removes one."""
    wanted = {key.replace("__", "."): value for key, value in changes.items()}
    return lambda options, folder: options.update(wanted)


def lacks(option: str) -> Change:
    """Leave an option out."""
    return lambda options, folder: options.pop(option)


def schema(text: str, suffix: str = "yaml") -> Change:
    """Use a schema of the portal's own."""

    def change(options: Options, folder: Path) -> None:
        path = folder / f"schema.{suffix}"
        path.write_text(text, encoding="utf-8")
        options[DATASETS] = path.as_uri()

    return change


def two_schemas(options: Options, folder: Path) -> None:
    """Two schemas of one type."""
    listed = []
    for name in ("mot", "hai"):
        path = folder / f"{name}.yaml"
        path.write_text("dataset_type: dataset\ndataset_fields: []\n", encoding="utf-8")
        listed.append(path.as_uri())
    options[DATASETS] = " ".join(listed)


def gone(options: Options, folder: Path) -> None:
    """The storage folder is not there."""
    options["ckan.storage_path"] = str(folder / "khong-co")


PLAIN = "dataset_type: dataset\ndataset_fields:\n"

BROKEN: list[tuple[str, Change]] = [
    ("plugin-unknown", sets(ckan__plugins=f"{PLUGINS} recline_view")),
    ("plugin-unknown", sets(ckan__plugins=PLUGINS.replace("nd47_l10n", "nd47_l10"))),
    ("plugin-twice", sets(ckan__plugins=f"{PLUGINS} activity")),
    ("plugin-lacks", sets(ckan__plugins=PLUGINS.replace("scheming_datasets ", ""))),
    ("plugin-lacks", sets(ckan__plugins=f"{PLUGINS} xloader")),
    ("suite-off", sets(ckan__plugins="activity datastore")),
    ("suite-part", sets(ckan__plugins=PLUGINS.replace("nd47_dcat ", ""))),
    ("preset-missing", schema(f"{PLAIN}- field_name: title\n  preset: khong_co\n")),
    ("schema-unreadable", sets(scheming__dataset_schemas="ckanext.khongco:schema.yaml")),
    ("schema-unreadable", sets(scheming__dataset_schemas="ckanext.scheming:khong-co.yaml")),
    ("schema-unreadable", schema("dataset_fields: [")),
    ("schema-unreadable", schema("- 1\n")),
    ("schema-unreadable", schema("{", "json")),
    ("schema-unreadable", schema("[" * 5000, "json")),
    ("schema-elsewhere", sets(scheming__dataset_schemas="https://tinh.example/schema.yaml")),
    ("schema-type-twice", two_schemas),
    ("field-twice", schema(f"{PLAIN}- field_name: lien_he\n- field_name: lien_he\n")),
    ("field-clash", schema(f"{PLAIN}- field_name: contact\n")),
    ("option-invalid", sets(ckan__datasets_per_page="nhiều")),
    ("option-invalid", sets(ckanext__nd47__dcat_dump_minutes="nửa giờ")),
    ("option-unknown", sets(ckanext__nd47__agency_cod="H99")),
    ("option-unknown", sets(ckanext__nd47__khong_co="1")),
    ("option-unknown", sets(ckan__site_titel="Cổng dữ liệu")),
    ("code-unknown", sets(ckanext__nd47__legal_edition="khong-co")),
    ("code-unknown", sets(ckanext__nd47__field_scheme="field-khong-co")),
    ("day-invalid", sets(ckanext__nd47__rules_from="31/02/2027")),
    ("agency-code-unset", lacks("ckanext.nd47.agency_code")),
    ("agency-code-invalid", sets(ckanext__nd47__agency_code="tỉnh")),
    ("place-unset", lacks("ckanext.nd47.dcat_place")),
    ("place-unknown", sets(ckanext__nd47__dcat_place="99")),
    ("extent-invalid", sets(ckanext__nd47__dcat_extent="107 15 108")),
    ("extent-invalid", sets(ckanext__nd47__dcat_extent="108.4 15.9 107.8 16.3")),
    ("extent-outside", sets(ckanext__nd47__dcat_extent="15.9 107.8 16.3 108.4")),
    ("folder-missing", sets(ckanext__nd47__vocabulary_folder="/khong/co")),
    ("licences-remote", sets(licenses_group_url="https://tinh.example/giay-phep.json")),
    ("site-url-missing", lacks("ckan.site_url")),
    ("site-url-missing", sets(ckan__site_url="dulieu.haison.example")),
    ("site-url-loopback", sets(ckan__site_url="http://localhost:5000")),
    ("site-url-loopback", sets(ckan__site_url="http://127.0.0.1:5000")),
    ("site-url-loopback", sets(ckan__site_url="http://[::1]:5000")),
    ("site-url-http", sets(ckan__site_url="http://dulieu.haison.example")),
    ("site-url-path", sets(ckan__site_url="https://haison.example/dulieu")),
    ("base-iri-invalid", sets(ckanext__nd47__base_iri="haison.example/id")),
    ("base-iri-loopback", sets(ckanext__nd47__base_iri="http://localhost/id")),
    ("time-zone-unknown", sets(ckan__display_timezone="Asia/Hai_Son")),
    ("time-zone-other", lacks("ckan.display_timezone")),
    ("locale-other", sets(ckan__locale_default="en")),
    ("locale-not-offered", sets(ckan__locales_offered="en fr")),
    ("locale-vi-missing", sets(ckan__locale_default="en", ckan__locales_offered="en fr")),
    ("mail-server-local", lacks("smtp.server")),
    ("mail-sender-missing", lacks("smtp.mail_from")),
    ("mail-errors-nowhere", lacks("email_to")),
    ("storage-unset", lacks("ckan.storage_path")),
    ("storage-missing", gone),
    ("option-unsafe", sets(ckan__auth__create_user_via_web="true")),
    ("option-unsafe", lacks("ckan.auth.public_user_details")),
    ("option-unsafe", lacks("SESSION_COOKIE_SECURE")),
    ("plugin-unsafe", sets(ckan__plugins=f"{PLUGINS} resource_proxy")),
    ("debug-on", sets(debug="true")),
    ("parameters-logged", lacks("sqlalchemy.hide_parameters")),
    ("secret-weak", sets(SECRET_KEY="mat-khau")),
]

ENVVARS = f"{PLUGINS} envvars"
BROKEN_ENVIRONMENTS: list[tuple[str, str, dict[str, str]]] = [
    ("environment-unread", PLUGINS, {"CKAN__SITE_TITLE": "Cổng"}),
    ("environment-too-late", ENVVARS, {"CKAN__PLUGINS": "nd47"}),
    ("environment-too-late", ENVVARS, {"CKAN___SQLALCHEMY__URL": "postgresql://a:b@c/d"}),
    ("environment-unknown", PLUGINS, {"CKAN_SITE_ULR": "https://x.example"}),
    ("environment-unknown", ENVVARS, {"CKAN__SITE_TITEL": "Cổng"}),
    ("environment-unknown", ENVVARS, {"CKANEXT__ND47__AGENCY_COD": "H99"}),
    ("environment-conflict", PLUGINS, {"CKAN_SITE_URL": "https://khac.example"}),
    ("environment-conflict", ENVVARS, {"CKAN__SITE_URL": "https://khac.example"}),
    (
        "environment-conflict",
        ENVVARS,
        {"CKAN__SITE_URL": "https://a.example", "CKAN_SITE_URL": "b"},
    ),
]


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Options of which nothing is to be said; the tests' folder counts as one that lasts."""
    monkeypatch.setattr(checks_site.tempfile, "gettempdir", lambda: "/tmp/khac")
    monkeypatch.setattr(checks_site, "MEMORY", frozenset())
    return {**SOUND, "ckan.storage_path": storage(tmp_path)}


def test_of_a_sound_configuration_nothing_is_said(sound: Options, tmp_path: Path):
    result = configured(sound, tmp_path)
    assert ids(result) == []
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("wanted", "change"), BROKEN, ids=[f"{place}-{one[0]}" for place, one in enumerate(BROKEN)]
)
def test_a_broken_configuration_is_diagnosed(
    wanted: str, change: Change, sound: Options, tmp_path: Path
):
    change(sound, tmp_path)
    found = ids(configured(sound, tmp_path))
    assert wanted in found
    assert "check-failed" not in found


LINES = re.compile(r"(?m)^([\w.]+) = ([^<\n]*)$")


@pytest.mark.parametrize(
    ("wanted", "change"), BROKEN, ids=[f"{place}-{one[0]}" for place, one in enumerate(BROKEN)]
)
def test_the_pasted_remedy_mends_it(wanted: str, change: Change, sound: Options, tmp_path: Path):
    """Where it is a line of the configuration that is whole."""
    change(sound, tmp_path)
    (one, *_) = [
        finding for finding in configured(sound, tmp_path).findings if finding.id == wanted
    ]
    lines = LINES.findall(one.remedy)
    elsewhere = wanted in {"preset-missing", "schema-elsewhere", "storage-unset"}
    if not lines or elsewhere:
        # It is a command, or names a file that the administrator puts there.
        assert one.remedy
        return
    mended = configured({**sound, **dict(lines)}, tmp_path)
    assert (wanted, one.what("en")) not in [(f.id, f.what("en")) for f in mended.findings]


@pytest.mark.parametrize(("wanted", "plugins", "environment"), BROKEN_ENVIRONMENTS)
def test_a_broken_environment_is_diagnosed(
    wanted: str,
    plugins: str,
    environment: dict[str, str],
    sound: Options,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    known = checks_plugins.installed_plugins() | {"envvars"}
    monkeypatch.setattr(checks_plugins, "installed_plugins", lambda: known)
    found = ids(configured({**sound, "ckan.plugins": plugins}, tmp_path, environment))
    assert wanted in found
    assert "check-failed" not in found


def test_an_environment_that_agrees_is_no_finding(sound: Options, tmp_path: Path):
    agreeing = {"CKAN_SITE_URL": sound["ckan.site_url"], "CKAN_VERSION": "2.12", "HOME": "/root"}
    assert ids(configured(sound, tmp_path, agreeing)) == []


def test_the_public_face_hides_profiles_by_its_default(sound: Options, tmp_path: Path):
    del sound["ckan.auth.public_user_details"]
    with_portal = {**sound, "ckan.plugins": f"nd47_portal {PLUGINS}"}
    assert "option-unsafe" not in ids(configured(with_portal, tmp_path))


def test_profiles_opened_on_purpose_are_found_with_the_public_face_too(
    sound: Options, tmp_path: Path
):
    opened = {
        **sound,
        "ckan.plugins": f"nd47_portal {PLUGINS}",
        "ckan.auth.public_user_details": "true",
    }
    assert "option-unsafe" in ids(configured(opened, tmp_path))


def test_envvars_comes_last(sound: Options, tmp_path: Path):
    found = ids(configured({**sound, "ckan.plugins": f"envvars {PLUGINS}"}, tmp_path))
    assert "envvars-not-last" in found


def test_the_work_list_comes_before_the_header_that_it_extends(sound: Options, tmp_path: Path):
    sound["ckan.plugins"] = f"nd47_portal {PLUGINS} nd47_desk"
    (remedy,) = [
        finding.remedy
        for finding in configured(sound, tmp_path).findings
        if finding.id == "desk-behind-portal"
    ]
    assert remedy == f"ckan.plugins = nd47_desk nd47_portal {PLUGINS}"


@pytest.mark.parametrize("own", ["nd47_desk nd47_portal", "nd47_desk", "nd47_portal"])
def test_the_work_list_in_its_place_is_no_finding(sound: Options, tmp_path: Path, own: str):
    sound["ckan.plugins"] = f"{own} {PLUGINS}"
    assert "desk-behind-portal" not in ids(configured(sound, tmp_path))


def test_the_environment_goes_before_the_file(sound: Options, tmp_path: Path):
    portal = read(ini(sound, tmp_path), {"CKAN_SITE_URL": "https://khac.example"})
    assert portal.text("ckan.site_url") == "https://khac.example"


def test_the_former_name_of_an_option_counts(sound: Options, tmp_path: Path):
    sound["beaker.session.secret"] = sound.pop("SECRET_KEY")
    assert ids(configured(sound, tmp_path)) == []


def test_ckanext_envvars_stays_the_last(sound: Options, tmp_path: Path):
    sound["ckan.plugins"] = "activity envvars"
    (remedy,) = [
        finding.remedy
        for finding in configured(sound, tmp_path).findings
        if finding.id == "suite-off"
    ]
    assert remedy.splitlines()[0].endswith(" envvars")


def test_ckanext_envvars_is_read_as_it_reads(sound: Options, tmp_path: Path):
    variables = {
        "CKAN__SITE_TITLE": "Cổng",
        "CKANEXT__ND47__DCAT_PLACE": "01",
        "CKAN___SMTP__MAIL_FROM": "khac@haison.example",
        "CKAN___SECRET_KEY": "x" * 40,
    }
    portal = read(ini({**sound, "ckan.plugins": ENVVARS}, tmp_path), variables)
    assert portal.text("ckan.site_title") == "Cổng"
    assert portal.text("ckanext.nd47.dcat_place") == "01"
    assert portal.text("smtp.mail_from") == "khac@haison.example"
    assert portal.text("SECRET_KEY") == "x" * 40


@pytest.mark.parametrize(
    ("wanted", "headers"),
    [
        ("proxy-scheme", {"x-forwarded-proto": "http"}),
        ("proxy-host", {"host": "127.0.0.1:5000"}),
        ("proxy-host", {"host": "127.0.0.1", "x-forwarded-host": "khac.example"}),
    ],
)
def test_a_web_server_in_front_that_says_otherwise(wanted, headers, sound, tmp_path):
    portal = read(ini(sound, tmp_path), {})
    portal.headers = headers
    assert wanted in [one.id for one in checks_site.proxy(portal)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-forwarded-proto": "https", "host": "dulieu.haison.example"},
        {"x-forwarded-proto": "https, http", "host": "dulieu.haison.example:443"},
    ],
)
def test_a_web_server_in_front_that_agrees(headers, sound, tmp_path):
    portal = read(ini(sound, tmp_path), {})
    portal.headers = headers
    assert list(checks_site.proxy(portal)) == []


@pytest.mark.parametrize(
    ("wanted", "needed"),
    [
        ("version-unfit", "ckan<2"),
        ("version-unfit", "ckanext-scheming>=99"),
        ("version-missing", "ckanext-khong-co>=1"),
    ],
)
def test_versions_that_do_not_fit(wanted, needed, sound, tmp_path, monkeypatch):
    class Other:
        requires = (needed, "ckanext-khac ; extra == 'khac'")

    monkeypatch.setattr(checks_plugins, "distribution", lambda name: Other)
    assert ids(configured(sound, tmp_path)) == [wanted]


@pytest.mark.parametrize("what", ["gettempdir", "MEMORY"])
def test_storage_that_does_not_last(what, sound, tmp_path, monkeypatch):
    if what == "MEMORY":
        kind = checks_site.file_system(Path(sound["ckan.storage_path"]))
        monkeypatch.setattr(checks_site, "MEMORY", frozenset({kind}))
    else:
        monkeypatch.setattr(checks_site.tempfile, "gettempdir", lambda: str(tmp_path))
    assert ids(configured(sound, tmp_path)) == ["storage-temporary"]


def test_a_portal_without_the_suite_is_looked_at_as_if_it_had_it(sound, tmp_path):
    before = {**sound, "ckan.plugins": "scheming_datasets", "scheming.presets": SCHEMING}
    result = configured(before, tmp_path)
    assert "suite-off" in ids(result)
    assert "preset-missing" not in ids(result)


def test_a_schema_of_the_province_that_uses_our_presets_is_sound(sound, tmp_path):
    schema(f"{PLAIN}- field_name: lien_he\n  preset: nd47_line\n")(sound, tmp_path)
    assert ids(configured(sound, tmp_path)) == []


def test_no_password_is_shown(sound: Options, tmp_path: Path):
    variables = {"CKAN_SQLALCHEMY_URL": "postgresql://ckan:bi-mat@may/ckan"}
    result = configured(sound, tmp_path, variables)
    for lang in LANGUAGES:
        assert "bi-mat" not in str(result.as_dict(lang))
        assert "mat-khau" not in str(result.as_dict(lang))
