"""The mail catcher: takes every message of the portal, and shows it in the browser.

aiosmtpd receives the messages and stores them as a Maildir; nothing is passed on. A reader
can follow a link that resets a password, so both servers listen on the loopback address alone.
"""

from __future__ import annotations

from dev.local.run_folder import RUN, ports
from dev.local.servers import http_status
from dev.local.supervision import Program
from dev.local.toolchain import program

FOLDER = RUN / "mail"
MAIL = ("mail", "mail-page")
"""Names of the processes, and of their ports."""


def server() -> str:
    """Return host and port of the mail server, for the configuration of a portal."""
    return f"127.0.0.1:{ports()['mail']}"


def url() -> str:
    """Return the address at which the messages are read."""
    return f"http://127.0.0.1:{ports()['mail-page']}"


def answers() -> bool:
    """Return whether the messages can be read."""
    return http_status(url()) == 200  # noqa: PLR2004


def programs() -> list[Program]:
    """Return the mail server and the page as supervised programs."""
    receive = [
        *("python", "-m", "aiosmtpd", "--nosetuid", "--listen", server()),
        *("--class", "aiosmtpd.handlers.Mailbox", FOLDER),
    ]
    show = [
        program("gunicorn"),
        f"--bind=127.0.0.1:{ports()['mail-page']}",
        "--threads=2",
        "--no-control-socket",
        "dev.local.mail_page:application",
    ]
    return [
        Program("mail", [program(str(receive[0])), *receive[1:]]),
        Program("mail-page", show, environment={"MAIL_FOLDER": str(FOLDER)}),
    ]
