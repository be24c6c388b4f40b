"""`python -m ckanext.nd47.doctor ckan.ini`: the doctor for a portal that does not start.

It reads the configuration and checks the services; then it tries to start the portal, and reports
why that fails. It works before the suite is enabled.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ckan.exceptions import CkanConfigurationException

try:
    from ckanext.nd47.doctor import report
    from ckanext.nd47.doctor.diagnosis import diagnose_file
    from ckanext.nd47.doctor.finding import LANGUAGES, language
except CkanConfigurationException as error:
    # An older CKAN: the checks can't even be imported.
    sys.exit(str(error))

LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables with the language of a terminal, in order of precedence."""


@click.command()
@click.argument("configuration", type=click.Path(path_type=Path), envvar="CKAN_INI")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")
@click.option("--jobs", is_flag=True, help="Also enqueue test jobs, and wait for them.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language; default: that of the terminal."
)
@click.pass_context
def main(
    ctx: click.Context, configuration: Path, as_json: bool, jobs: bool, lang: str | None
) -> None:
    """Look at a CKAN configuration file and at the portal that it describes.

    Exit code 0: no errors; 1: errors; 2: the file cannot be read.
    """
    result = diagnose_file(configuration, ask_workers=jobs)
    chosen = lang or language(next(filter(None, map(os.environ.get, LOCALE)), ""))
    click.echo((report.as_json if as_json else report.as_text)(result, chosen))
    ctx.exit(result.exit_code)


if __name__ == "__main__":
    main(prog_name="python -m ckanext.nd47.doctor")
