"""`ckan nd47 doctor`: finds problems of the portal and names the remedy."""

from __future__ import annotations

import click

import ckan.plugins.toolkit as tk

from ckanext.nd47.doctor import portal as portals
from ckanext.nd47.doctor import report
from ckanext.nd47.doctor.diagnosis import diagnose
from ckanext.nd47.doctor.finding import LANGUAGES, language


@click.command("doctor", short_help="Check the portal for errors.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
@click.option("--jobs", is_flag=True, help="Also enqueue test jobs, and wait for them.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language; default: that of the portal.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, jobs: bool, lang: str | None) -> None:
    """Check configuration, services, database and export, and show how to correct each finding.

    Exit code 0: no errors; 1: errors. If the portal does not start, or does not have the suite yet:
    `python -m ckanext.nd47.doctor ckan.ini`.
    """
    result = diagnose(portals.running(ask_workers=jobs))
    chosen = lang or language(tk.config["ckan.locale_default"])
    click.echo((report.as_json if as_json else report.as_text)(result, chosen))
    ctx.exit(result.exit_code)
