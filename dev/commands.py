"""One function for each word of the Makefile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from dev.console import Stopped, confirmed, say
from dev.local import mail, supervision
from dev.local.instances import (
    CREDENTIALS,
    MULTI,
    NATIONAL,
    PLAIN,
    PORTAL,
    SHELTER,
    STORM,
    announce,
)
from dev.local.run_folder import REPOSITORY, RUN, choose_web_port, locked
from dev.local.sample import fill
from dev.local.start import (
    new_steps,
    prepare_servers,
    programs,
    refuse_lodgers,
    servers,
    set_up,
    start_instance,
    start_servers,
)
from dev.local.toolchain import pin, program
from dev.testing import run_benchmarks, run_coverage, run_docs, run_quick_tests, run_tests
from dev.trials.other_tests import run_on_211, run_on_next
from dev.trials.upgrade.rehearsal import rehearse

WATCH_SECONDS = 2.0


def portal(_: Sequence[str]) -> int:
    """Set up and start the province's portal, filled with the sample province."""
    steps = new_steps()
    if supervision.is_running() and PORTAL.answers():
        announce(PORTAL)
        say("It was running already; make stop ends it.")
        return 0
    background = os.environ.get("BACKGROUND") == "1"
    process = None
    with locked("portal"):
        set_up(steps)
        if supervision.is_running():
            # Another command may use the servers: they stay, with all that runs on them.
            refuse_lodgers()
            supervision.stop(*PORTAL.processes, *mail.MAIL)
            choose_web_port(PORTAL.name)
            supervision.update(programs())
        else:
            prepare_servers(steps)
            supervision.write_configuration(programs())
            process = supervision.launch(detached=background)
        try:
            start_servers(steps)
            supervision.start(*mail.MAIL)
            start_instance(PORTAL, steps)
            fill(PORTAL, steps)
        except BaseException:
            end_portal(process)
            raise
    announce(PORTAL)
    say(f"The mail that it sends stays here: {mail.url()}")
    return 0 if background else stay(process)


def end_portal(process: subprocess.Popen[bytes] | None) -> None:
    """End what `make portal` started: everything, or the portal alone on servers of others."""
    if process is not None:
        supervision.shut_down(process)
    elif supervision.is_running():
        supervision.stop(*PORTAL.processes, *mail.MAIL)


def stay(process: subprocess.Popen[bytes] | None) -> int:
    """Stay in the foreground until Ctrl-C, SIGTERM or `make stop`."""
    signal.signal(signal.SIGTERM, supervision.raise_interrupt)
    try:
        while supervision.is_running():
            time.sleep(WATCH_SECONDS)
        say("The portal was stopped.")
    except KeyboardInterrupt:
        say("\nStopping ...")
        end_portal(process)
        say("The portal is stopped." if process is None else "Everything is stopped.")
    return 0


def services(_: Sequence[str]) -> int:
    """Start PostgreSQL, Redis and Solr alone, in the background: what tests need."""
    steps = new_steps()
    with locked("services"):
        if supervision.is_running():
            refuse_lodgers()
            say("The services are running already; make stop ends them.")
            return 0
        set_up(steps)
        prepare_servers(steps)
        supervision.write_configuration(programs())
        process = supervision.launch(detached=True)
        try:
            start_servers(steps)
        except BaseException:
            supervision.shut_down(process)
            raise
    say("Ready: PostgreSQL, Redis and Solr run; make stop ends them.")
    return 0


def stop(_: Sequence[str]) -> int:
    """Stop everything that runs in this run folder."""
    if not supervision.is_running():
        say("Nothing is running.")
        return 0
    supervision.shut_down()
    say("Everything is stopped.")
    return 0


def status(_: Sequence[str]) -> int:
    """Print what runs, where, and whether it answers; exit 1 when the portal does not."""
    if not supervision.is_running():
        say("Nothing is running; make portal starts the portal.")
        return 1
    for name, state in supervision.states().items():
        if state != "STOPPED":
            say(f"{name:18} {state.lower()}")
    for instance in (PORTAL, NATIONAL):
        if instance.answers():
            say(f"{instance.name:18} answers at {instance.url}")
    if mail.answers():
        say(f"{'mail':18} can be read at {mail.url()}")
    say(f"{'log-in':18} {CREDENTIALS}")
    return 0 if PORTAL.answers() else 1


def clean(_: Sequence[str]) -> int:
    """Delete the run folder after a question: databases, uploads, everything."""
    if not RUN.exists():
        say("There is nothing to delete.")
        return 0
    if not confirmed(f"Delete {RUN} with all data of the portals in it?"):
        raise Stopped("nothing was deleted", "make clean YES=1 deletes without asking")
    if supervision.is_running():
        supervision.shut_down()
    shutil.rmtree(RUN)
    say(f"{RUN} is deleted.")
    return 0


def national(_: Sequence[str]) -> int:
    """Start the second portal; in the foreground unless the first one runs already."""
    steps = new_steps()
    if supervision.is_running():
        refuse_lodgers()
        start_instance(NATIONAL, steps)
        say(f"Ready: the national portal is at {NATIONAL.url}, the log-in is in {CREDENTIALS}")
        return 0
    with servers("national") as steps:
        start_instance(NATIONAL, steps)
        say(f"Ready: the national portal is at {NATIONAL.url}, the log-in is in {CREDENTIALS}")
        try:
            while supervision.is_running():
                time.sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            say("\nStopping ...")
    return 0


def harvest(arguments: Sequence[str]) -> int:
    """Let other portals harvest the province's by DCAT and by the API, starting what is needed."""
    with servers("harvest") as steps:
        if not PORTAL.answers():
            start_instance(PORTAL, steps)
            fill(PORTAL, steps)
        for receiver in (NATIONAL, PLAIN):
            if not receiver.answers():
                start_instance(receiver, steps)
        by_dcat = [program("python"), "-m", "dev.trials.harvest", CREDENTIALS, *arguments]
        by_api = [program("python"), "-m", "dev.trials.harvest_api", CREDENTIALS]
        codes = [
            subprocess.run(list(map(str, command)), cwd=REPOSITORY, check=False).returncode
            for command in (by_dcat, by_api)
        ]
        supervision.stop(*PLAIN.processes)
        return max(codes)


def storm(arguments: Sequence[str]) -> int:
    """Edit a thousand datasets twenty times a second while two portals and two clients read."""
    with servers("storm") as steps:
        for instance in (STORM, SHELTER):
            start_instance(instance, steps)
        command = [program("python"), "-m", "dev.trials.storm", CREDENTIALS, *arguments]
        code = subprocess.run(list(map(str, command)), cwd=REPOSITORY, check=False).returncode
        supervision.stop(*STORM.processes, *SHELTER.processes)
        return code


def multinode(arguments: Sequence[str]) -> int:
    """Kill web servers and workers of a portal with two of each, and report the results."""
    with servers("multinode") as steps:
        start_instance(MULTI, steps)
        command = [program("python"), "-m", "dev.trials.multinode", CREDENTIALS, *arguments]
        try:
            return subprocess.run(list(map(str, command)), cwd=REPOSITORY, check=False).returncode
        finally:
            supervision.stop(*MULTI.processes)


def test(arguments: Sequence[str]) -> int:
    """Run the tests on the real services, which are started and stopped if need be."""
    return run_tests(arguments)


def coverage(arguments: Sequence[str]) -> int:
    """Print the lines of the package that a part of the tests does not execute."""
    return run_coverage(arguments)


def test_quick(arguments: Sequence[str]) -> int:
    """Run the tests that need no services, without any."""
    setup(())
    return run_quick_tests(arguments)


def test_ckan211(arguments: Sequence[str]) -> int:
    """Run the tests of `nd47_l10n` on CKAN 2.11."""
    return run_on_211(arguments)


def test_next(arguments: Sequence[str]) -> int:
    """Run a quick part of the tests on the newest CKAN of the index; it may fail."""
    return run_on_next(arguments)


def upgrade_rehearsal(_: Sequence[str]) -> int:
    """Upgrade a CKAN 2.11 portal to CKAN 2.12 with the suite, and compare."""
    return rehearse()


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks on databases of their own."""
    return run_benchmarks(arguments)


def docs(_: Sequence[str]) -> int:
    """Write the pages of the documentation that are made from the code."""
    return run_docs()


def docs_site(_: Sequence[str]) -> int:
    """Build the documentation as a site; any warning of mkdocs is an error."""
    setup(())
    # With --quiet, mkdocs does not count its warnings, and --strict lets all of them pass.
    command = [str(program("python")), "-m", "mkdocs", "build", "--strict"]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "true"}
    result = subprocess.run(
        command, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=False
    )
    if result.returncode:
        say(result.stdout + result.stderr)
    return result.returncode


def changelog(_: Sequence[str]) -> int:
    """Print the release notes that the fragments in `changes/` make."""
    setup(())
    command = [str(program("towncrier")), "build", "--draft", "--version", "unreleased"]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def style(arguments: Sequence[str]) -> int:
    """Write the stylesheet of visitors' pages, or check that it fits the templates."""
    setup(())
    command = [str(program("python")), "-m", "dev.style", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def i18n(arguments: Sequence[str]) -> int:
    """Update, check, count and compile the translation catalogues."""
    setup(())
    command = [str(program("python")), "-m", "dev.i18n", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def picture(arguments: Sequence[str]) -> int:
    """Take the pictures of the documentation from the running portal."""
    if not PORTAL.answers():
        raise Stopped("the portal does not run", "make portal BACKGROUND=1")
    command = [program("python"), "-m", "dev.picture", CREDENTIALS, *arguments]
    return subprocess.run(list(map(str, command)), cwd=REPOSITORY, check=False).returncode


def setup(_: Sequence[str]) -> int:
    """Install the pinned programs and nothing more."""
    with locked("setup"):
        set_up(new_steps())
    return 0


def lock(_: Sequence[str]) -> int:
    """Pin the newest versions that fit `dev/requirements.in`."""
    pin(new_steps())
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "portal": portal,
    "services": services,
    "stop": stop,
    "status": status,
    "clean": clean,
    "national": national,
    "harvest": harvest,
    "storm": storm,
    "multinode": multinode,
    "test": test,
    "coverage": coverage,
    "test-quick": test_quick,
    "test-ckan211": test_ckan211,
    "test-next": test_next,
    "upgrade-rehearsal": upgrade_rehearsal,
    "bench": bench,
    "docs": docs,
    "docs-site": docs_site,
    "changelog": changelog,
    "style": style,
    "i18n": i18n,
    "picture": picture,
    "setup": setup,
    "lock": lock,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code; errors are printed as a sentence."""
    if not arguments or arguments[0] not in COMMANDS:
        say(f"usage: python3 -m dev {{{','.join(COMMANDS)}}}")
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Stopped as stopped:
        print(stopped.report(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped on request; call make again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        # A full disk can fail any write; the name of the file says where.
        print(f"Stopped: {error.strerror} ({error.filename or error.args})", file=sys.stderr)
        return 1
