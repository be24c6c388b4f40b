"""PostgreSQL, Redis and Solr: their data in the run folder, their ports on the loopback address."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from dev.console import Stopped, last_line, run
from dev.local.machine import postgres_programs
from dev.local.run_folder import REPOSITORY, RUN, ports, secret, write_private
from dev.local.supervision import LOGS, Program
from dev.local.toolchain import SOLR_LIBRARIES, VENV

POSTGRES = RUN / "postgres"
REDIS = RUN / "redis"
SOLR = RUN / "solr"
SOLR_SOURCES = REPOSITORY / "dev" / "local" / "solr"
SOLR_ACCOUNT = "nd47"
"""The account that `dev/local/solr/SolrServer.java` asks for."""
SERVERS = ("postgres", "redis", "solr")
POSTGRES_ACCOUNT = "postgres"
# A portal on one machine has little data: small shared memory, room for two portals and the tests.
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "lc_messages": "C",
    # A refused row or statement may contain personal data, which must not be logged.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@functools.cache
def unprivileged() -> tuple[str, ...]:
    """Return the arguments of setpriv that PostgreSQL runs under; it refuses to run as root.

    Where its account cannot reach the run folder (a clone in /root, say), it keeps the one
    capability that lets it pass.
    """
    if os.geteuid() != 0:
        return ()
    try:
        account = pwd.getpwnam(POSTGRES_ACCOUNT)
    except KeyError as error:
        msg = f"there is no account {POSTGRES_ACCOUNT}, and PostgreSQL refuses to run as root"
        raise Stopped(msg, f"useradd --system {POSTGRES_ACCOUNT}") from error
    identity = (
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--init-groups",
    )
    reach = subprocess.run(
        ["setpriv", *identity, "test", "-x", str(RUN)], check=False, capture_output=True
    )
    if reach.returncode == 0:
        return identity
    return (*identity, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def as_postgres(*command: str | Path) -> list[str | Path]:
    """Return a command line that runs under PostgreSQL's account where that is needed."""
    return ["setpriv", *unprivileged(), *command] if unprivileged() else list(command)


def postgres_bin(name: str) -> Path:
    """Return the path of a PostgreSQL program."""
    folder = postgres_programs()
    if folder is None:
        raise Stopped("PostgreSQL is not installed", "sudo apt-get install -y postgresql")
    return folder / name


def make_cluster(log: Path) -> None:
    """Create the PostgreSQL cluster; an incomplete one is deleted first."""
    if (POSTGRES / "PG_VERSION").exists():
        return
    draft = RUN / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password = RUN / "postgres.password"
    write_private(password, secret("postgres"))
    if unprivileged():
        account = pwd.getpwnam(POSTGRES_ACCOUNT)
        os.chown(draft, account.pw_uid, account.pw_gid)
        os.chown(password, account.pw_uid, account.pw_gid)
    run(
        as_postgres(
            postgres_bin("initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ),
        log,
        "the database cluster could not be made",
        cwd=RUN,
    )
    password.unlink()
    draft.rename(POSTGRES)


def write_redis_configuration() -> Path:
    """Write the configuration of Redis; each write is persistent, so that queued jobs survive."""
    REDIS.mkdir(parents=True, exist_ok=True)
    path = REDIS / "redis.conf"
    lines = [
        "bind 127.0.0.1",
        f"port {ports()['redis']}",
        f'dir "{REDIS}"',
        f"requirepass {secret('redis')}",
        "appendonly yes",
        "daemonize no",
    ]
    write_private(path, "\n".join(lines) + "\n")
    return path


def ckan_schema(venv: Path) -> Path:
    """Return the Solr schema of the CKAN that is installed in an environment."""
    schemas = list(venv.glob("lib/python3*/site-packages/ckan/config/solr/schema.xml"))
    if not schemas:
        raise Stopped("the installed CKAN has no Solr schema", "make clean, then make portal")
    return schemas[0]


def make_cores(names: Iterable[str], venv: Path = VENV) -> None:
    """Create a Solr core for each name, with the stock schema of the CKAN in an environment."""
    SOLR.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOLR_SOURCES / "solr.xml", SOLR / "solr.xml")
    for name in names:
        settings = SOLR / name / "conf"
        settings.mkdir(parents=True, exist_ok=True)
        shutil.copy(ckan_schema(venv), settings / "schema.xml")
        shutil.copy(SOLR_SOURCES / "solrconfig.xml", settings / "solrconfig.xml")
        for empty in ("synonyms.txt", "protwords.txt", "stopwords.txt"):
            (settings / empty).touch()
        (SOLR / name / "core.properties").write_text(f"name={name}\n")


def bring_in_core(name: str, venv: Path) -> None:
    """Have the running Solr serve a core with the schema of another CKAN, in place of an older one.

    Raises:
        Stopped: Solr refuses the core.
    """
    is_known = (SOLR / name / "core.properties").exists()
    make_cores([name], venv)
    action = f"RELOAD&core={name}"
    if is_known:
        # Solr may still be opening it since its start, and holds its lock meanwhile.
        wait_until(lambda: solr_answers(name), "solr")
    else:
        # Solr writes the file itself, and refuses a folder that has it.
        (SOLR / name / "core.properties").unlink()
        action = f"CREATE&name={name}&instanceDir={name}"
    if http_status(f"{solr_root()}/admin/cores?action={action}") != 200:  # noqa: PLR2004
        raise Stopped(f"Solr does not take the core {name}", log=LOGS / "solr.log")


def server_programs() -> list[Program]:
    """Return PostgreSQL, Redis and Solr as supervised programs."""
    options = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
    port = ports()
    return [
        Program(
            "postgres",
            [postgres_bin("postgres"), "-D", POSTGRES, "-p", str(port["postgres"]), *options],
            folder=POSTGRES,
            stop_signal="INT",
            user=unprivileged(),
        ),
        Program("redis", ["redis-server", write_redis_configuration()], folder=REDIS),
        Program(
            "solr",
            [
                "java",
                "-Xmx512m",
                "-cp",
                f"{SOLR_LIBRARIES}/*",
                SOLR_SOURCES / "SolrServer.java",
                str(port["solr"]),
                SOLR,
            ],
            environment={"SOLR_PASSWORD": secret("solr")},
            folder=SOLR,
        ),
    ]


def wait_until(ready: Callable[[], bool], name: str, seconds: float = 90) -> None:
    """Wait until a server answers.

    Raises:
        Stopped: it does not answer in time; its log is named.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.2)
    log = LOGS / f"{name}.log"
    reason = last_line(log) if log.exists() else "no log"
    raise Stopped(f"{name} does not answer after {seconds:.0f} s ({reason})", log=log)


def postgres_answers() -> bool:
    """Return whether PostgreSQL accepts connections."""
    command = [str(postgres_bin("pg_isready")), "-q", "-h", "127.0.0.1"]
    return subprocess.run([*command, "-p", str(ports()["postgres"])], check=False).returncode == 0


def redis_answers() -> bool:
    """Return whether Redis has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", ports()["redis"]), timeout=1) as connection:
            # QUIT makes the server close, so that reading ends with its last word.
            connection.sendall(f"AUTH {secret('redis')}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in b"".join(iter(lambda: connection.recv(1024), b""))
    except OSError:
        return False


def solr_root() -> str:
    """Return the address of Solr, with its account."""
    return f"http://{SOLR_ACCOUNT}:{secret('solr')}@127.0.0.1:{ports()['solr']}/solr"


def solr_url(core: str) -> str:
    """Return the address of a Solr core, with its account."""
    return f"{solr_root()}/{core}"


def solr_answers(core: str) -> bool:
    """Return whether a Solr core answers a query."""
    return http_status(f"{solr_url(core)}/select?q=*:*&rows=0") == 200  # noqa: PLR2004


def http_status(url: str) -> int:
    """Return the status of a GET on the loopback address, 0 if there is no response.

    Args:
        url: the address; an account in it is sent as a header.
    """
    parts = urlsplit(url)
    account, mark, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl())  # noqa: S310 - our own
    if mark:
        request.add_header("Authorization", f"Basic {b64encode(account.encode()).decode()}")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def sql(statement: str, log: Path, database: str = "postgres") -> None:
    """Run SQL as the cluster's superuser."""
    run(
        [
            postgres_bin("psql"),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            f"--dbname=postgresql://postgres@127.0.0.1:{ports()['postgres']}/{database}",
        ],
        log,
        "the database refused a statement",
        env={"PGPASSWORD": secret("postgres")},
        stdin=statement,
    )
