"""The CKAN instances of one machine: the portal, the national one, and those of the tests."""

from __future__ import annotations

import configparser
import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.console import Steps, Stopped, last_line, say
from dev.local import front, mail
from dev.local.run_folder import (
    REPOSITORY,
    RUN,
    close_to_others,
    is_done,
    mark_done,
    own_environment,
    ports,
    read_json,
    secret,
    write_private,
)
from dev.local.servers import POSTGRES, http_status, make_cores, solr_url, sql, wait_until
from dev.local.supervision import Program
from dev.local.toolchain import LOCK, VENV, catalogues, fingerprint, program

CREDENTIALS = RUN / "credentials.json"
WEB_WORKERS = 2
# ckanext-harvest 1.6.3 waits for work without an end, redis-py 8 gives up after five seconds.
PATIENT = "?socket_timeout=86400"
THREADS = 4
HARVESTING = ("national", "plain")
"""Templates of portals that harvest."""


@dataclass(frozen=True)
class Instance:
    """One CKAN with its own databases, Solr core, Redis database, storage and port.

    Attributes:
        name: names its databases, core, files and processes.
        template: configuration in `dev/local/config/`, laid over `common.ini`.
        redis: number of its Redis database.
        port_name: key in `ports.json`; None for an instance without a web server.
        workers: its background processes, name -> arguments of `ckan`.
        options: what it has beside its template.
        nodes: names of its web servers, each with workers of its own, behind nginx at its address;
            without any it has one web server.
        compressed: whether its one web server is behind nginx too, as in production.
        venv: the Python environment that it runs in.
        timed: whether a timer runs the regular tasks of a portal beside it.
    """

    name: str
    template: str
    redis: int
    port_name: str | None = None
    workers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    nodes: tuple[str, ...] = ()
    compressed: bool = False
    venv: Path = VENV
    timed: bool = False

    @property
    def ini(self) -> Path:
        """The configuration file, rewritten at each start."""
        return RUN / ("ckan.ini" if self.name == "portal" else f"{self.name}.ini")

    @property
    def database(self) -> str:
        """Name of the main database; the DataStore's ends in `_datastore`."""
        return f"nd47_{self.name}"

    @property
    def url(self) -> str:
        """The address, or a placeholder for an instance that only runs inside of tests."""
        return (
            f"http://127.0.0.1:{ports()[self.port_name]}"
            if self.port_name
            else "http://test.ckan.net"
        )

    @property
    def web(self) -> str:
        """Name of the process that listens at its address."""
        return f"{self.name}-web"

    @property
    def processes(self) -> list[str]:
        """Names of all its processes."""
        if self.nodes:
            parts = ("web", *(worker for worker, _ in self.workers))
            return [self.web, *(f"{self.name}-{part}-{n}" for n in self.nodes for part in parts)]
        front_process = [f"{self.name}-front"] if self.compressed else []
        timer_process = [f"{self.name}-timer"] if self.timed else []
        workers = [f"{self.name}-{worker}" for worker, _ in self.workers]
        return [*front_process, self.web, *workers, *timer_process]

    @property
    def behind(self) -> list[str]:
        """Keys in `ports.json` of the web servers that nginx passes requests on to."""
        if self.compressed:
            return [f"{self.port_name}-behind"]
        return [f"{self.port_name}-{node}" for node in self.nodes]

    def answers(self) -> bool:
        """Return whether the web server serves the API."""
        return http_status(f"{self.url}/api/3/action/status_show") == 200  # noqa: PLR2004

    def settings(self) -> dict[str, str]:
        """Return the options that hold for this machine: addresses, ports and secrets."""
        port = ports()
        base = f"127.0.0.1:{port['postgres']}"
        owner = f"postgresql://nd47:{secret('database')}@{base}"
        reader = f"postgresql://nd47_read:{secret('datastore')}@{base}"
        return {
            "SECRET_KEY": secret(f"{self.name}.key"),
            "ckan.site_id": self.name,
            "ckan.site_url": self.url,
            "ckan.storage_path": str(RUN / "storage" / self.name),
            "sqlalchemy.url": f"{owner}/{self.database}",
            "ckan.datastore.write_url": f"{owner}/{self.database}_datastore",
            "ckan.datastore.read_url": f"{reader}/{self.database}_datastore",
            "ckan.redis.url": (
                f"redis://:{secret('redis')}@127.0.0.1:{port['redis']}/{self.redis}"
                f"{PATIENT if self.template in HARVESTING else ''}"
            ),
            "solr_url": solr_url(self.name),
            "smtp.server": mail.server(),
            "ckanext.xloader.jobs_db.uri": f"{owner}/{self.database}",
            "ckanext.xloader.api_token": account(self.name, "sysadmin").get("token", "NOT_SET"),
            "extra_template_paths": str(REPOSITORY / "dev" / "templates" / self.template),
            "extra_public_paths": str(REPOSITORY / "dev" / "public" / self.template),
        }

    def write_ini(self) -> None:
        """Write the configuration: common, the instance's own, this machine's, and the user's.

        What a user puts into `.run/local.ini` under [app:main] has the last word for the portal.
        """
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        parser.optionxform = str  # type: ignore[assignment,method-assign] # keys are case-sensitive
        folder = REPOSITORY / "dev" / "local" / "config"
        parser.read([folder / "common.ini", folder / f"{self.template}.ini"], encoding="utf-8")
        for key, value in {**self.settings(), **dict(self.options)}.items():
            parser["app:main"][key] = value.replace("%", "%%")
        if self.behind and self.port_name:
            front.write(self.name, ports()[self.port_name], [ports()[b] for b in self.behind])
        if self.name == "portal":
            parser.read(RUN / "local.ini", encoding="utf-8")
        text = io.StringIO()
        text.write("# Written by make at each start. Your own options: .run/local.ini\n")
        parser.write(text)
        write_private(self.ini, text.getvalue())

    def programs(self) -> list[Program]:
        """Return its web server and workers as supervised programs."""
        if not self.port_name:
            return []
        command = ["nginx", "-p", RUN, "-c", front.configuration(self.name)]
        if self.compressed:
            return [
                Program(f"{self.name}-front", command),
                *self._node(f"{self.port_name}-behind", ""),
                *self._timer(),
            ]
        if not self.nodes:
            return self._node(self.port_name, "")
        nginx = Program(self.web, command)
        each = [self._node(f"{self.port_name}-{node}", f"-{node}") for node in self.nodes]
        return [nginx, *(program for node in each for program in node)]

    def _node(self, port_name: str, ending: str) -> list[Program]:
        """Return a web server and workers.

        Args:
            port_name: key in `ports.json`.
            ending: what the names of the processes end in.
        """
        environment = {"CKAN_INI": str(self.ini)}
        serve = [
            program("gunicorn"),
            f"--bind=127.0.0.1:{ports()[port_name]}",
            f"--workers={WEB_WORKERS}",
            f"--threads={THREADS}",
            "--timeout=120",
            "--access-logfile=-",
            "--no-control-socket",  # it would lie in the home folder, one for all portals
            "dev.local.wsgi:application",
        ]
        # The second portal has to reach the first one, on the same machine; it has no editors.
        guarded = self.template == "province"
        start = ["python", "-m", "dev.local.worker"] if guarded else ["ckan", "-c"]
        work = [
            Program(
                f"{self.name}-{name}{ending}",
                [program(start[0]), *start[1:], self.ini, *arguments],
            )
            for name, arguments in self.workers
        ]
        return [Program(f"{self.name}-web{ending}", serve, environment), *work]

    def _timer(self) -> list[Program]:
        """Return the process that runs the regular tasks, if the instance has one."""
        command = [program("python"), "-m", "dev.local.timer", self.ini]
        return [Program(f"{self.name}-timer", command)] if self.timed else []

    def wait(self) -> None:
        """Wait until the web server answers."""
        wait_until(self.answers, self.web, seconds=120)


JOBS = (("worker", ("jobs", "worker")),)
HARVEST = (
    *JOBS,
    ("gather", ("harvester", "gather-consumer")),
    ("fetch", ("harvester", "fetch-consumer")),
)
PORTAL = Instance("portal", "province", 0, "portal", JOBS, compressed=True, timed=True)
NATIONAL = Instance("national", "national", 1, "national", HARVEST)
TEST = Instance("test", "test", 2)
# The whole suite runs in two processes, each with an instance that it may empty.
TEST_SECOND = Instance("test2", "test", 6)
# The two portals of the tests: a real harvest and a real browser need real servers.
SAMPLE = Instance("sample", "province", 3, "sample", JOBS, compressed=True)
HARVESTER = Instance("harvester", "national", 4, "harvester", HARVEST)
BENCH = Instance("bench", "test", 5)
# The two portals of the storm: a thousand datasets, edited while they are harvested. A commit of
# Solr for each save takes 0.2 s of a processor, which no more than five saves a second leave room
# for; so Solr commits by itself.
UNCOMMITTED = (("ckan.search.solr_commit", "false"),)
LEAN = "nd47 nd47_dcat nd47_l10n scheming_datasets scheming_organizations dcat"
STORM = Instance("storm", "province", 7, "storm", JOBS, (*UNCOMMITTED, ("ckan.plugins", LEAN)))
SHELTER = Instance("shelter", "national", 8, "shelter", HARVEST, UNCOMMITTED)
# Harvests by CKAN's API, and has no schema for what it harvests.
PLAIN = Instance("plain", "plain", 9, "plain", HARVEST)
# Two web servers and two workers behind nginx, any of which is killed while it works.
MULTI = Instance(
    "multi", "province", 10, "multi", JOBS, (*UNCOMMITTED, ("ckan.plugins", LEAN)), ("a", "b")
)
INSTANCES = (
    *(PORTAL, NATIONAL, TEST, TEST_SECOND, SAMPLE, HARVESTER, BENCH, STORM, SHELTER),
    PLAIN,
    MULTI,
)


# A data officer of one department, the leader of the province and an approver, by the sample
# province's doing.
ACCOUNTS = {
    "province": {
        "sysadmin": "quantri",
        "editor": "canbo",
        "leader": "lanhdao",
        "approver": "nguoiduyet",
    },
    "national": {"sysadmin": "quantri"},
    "plain": {"sysadmin": "quantri"},
}


def account(instance: str, role: str) -> dict[str, str]:
    """Return name, password and token of an account, empty before it was made."""
    return read_json(CREDENTIALS).get(instance, {}).get(role, {})


def remember(instance: Instance, role: str, **facts: str) -> None:
    """Write an account and the instance's addresses into the credentials file."""
    credentials = read_json(CREDENTIALS)
    entry = credentials.setdefault(instance.name, {})
    entry["url"] = instance.url
    entry["catalogue"] = f"{instance.url}/catalog.ttl"
    entry.setdefault(role, {}).update(facts)
    write_private(CREDENTIALS, json.dumps(credentials, indent=2) + "\n")


def make_cores_of_all() -> None:
    """Create every instance's Solr core, before Solr starts: it finds its cores then."""
    make_cores(instance.name for instance in INSTANCES)


def unless_there(statement: str, table: str, column: str, name: str) -> str:
    """Return psql input that runs a CREATE statement unless the name exists already."""
    return (
        f"SELECT '{statement}' WHERE NOT EXISTS "  # noqa: S608 - all four are literals of this file
        f"(SELECT FROM {table} WHERE {column} = '{name}') \\gexec\n"
    )


def make_roles(log: Path) -> None:
    """Create the database roles, or give existing ones this run folder's passwords."""
    for role, name in (("nd47", "database"), ("nd47_read", "datastore")):
        create = unless_there(f"CREATE ROLE {role} LOGIN", "pg_roles", "rolname", role)
        sql(f"{create}ALTER ROLE {role} LOGIN PASSWORD '{secret(name)}';", log)


def make_databases(instance: Instance, log: Path) -> None:
    """Create the instance's databases and tables; what exists is left alone or upgraded."""
    for name in (instance.database, f"{instance.database}_datastore"):
        create = f"CREATE DATABASE {name} OWNER nd47"
        sql(unless_there(create, "pg_database", "datname", name), log)
    if instance in {TEST, TEST_SECOND}:
        # Tests commit thousands of times, and their data is not needed after a crash.
        sql(f"ALTER DATABASE {instance.database} SET synchronous_commit = off;", log)


def provision(instance: Instance, log: Path) -> None:
    """Bring the tables up to date and create the accounts with their API tokens, once."""
    roles = ACCOUNTS.get(instance.template, {}) if instance.port_name else {}
    accounts = [
        {
            "role": role,
            "name": name,
            "password": secret(f"{instance.name}.{name}"),
            "has_token": bool(account(instance.name, role).get("token")),
        }
        for role, name in roles.items()
    ]
    done = subprocess.run(
        [str(instance.venv / "bin" / "python"), "-m", "dev.local.provision", str(instance.ini)],
        env=own_environment(),
        input=json.dumps(accounts),  # not on the command line, where everybody could read it
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    log.write_text(done.stderr)
    if done.returncode:
        msg = f"the database of {instance.name} could not be set up ({last_line(log)})"
        raise Stopped(msg, log=log)
    # CKAN prints what it migrates before our own last line.
    result = json.loads(done.stdout.splitlines()[-1])
    sql(result["permissions"], log, f"{instance.database}_datastore")
    for role, token in result["tokens"].items():
        name = roles[role]
        password = secret(f"{instance.name}.{name}")
        remember(instance, role, name=name, password=password, token=token)


def prepare(instance: Instance, steps: Steps) -> None:
    """Bring an instance's configuration, databases and accounts up to date."""
    instance.write_ini()
    (RUN / "storage" / instance.name).mkdir(parents=True, exist_ok=True)
    close_to_others()
    # A new cluster has no databases, whatever the state folder remembers.
    cluster = (POSTGRES / "PG_VERSION").stat().st_mtime_ns
    inputs = fingerprint(LOCK, *migrations(), *catalogues()) + str(cluster)
    step = f"tables-{instance.name}"
    if not is_done(step, inputs):
        with steps.step(f"Tables and accounts ({instance.name})", step) as log:
            make_roles(log)
            make_databases(instance, log)
            provision(instance, log)
            instance.write_ini()
            mark_done(step, inputs)
    if instance.port_name:
        remember(instance, "sysadmin")


def migrations() -> list[Path]:
    """Return the suite's own migrations: a new one makes the databases out of date."""
    return sorted((REPOSITORY / "ckanext" / "nd47" / "migration").rglob("*.py"))


def announce(instance: Instance) -> None:
    """Print that the portal is ready."""
    say(
        f"Ready: the portal is at {instance.url}, its catalogue at {instance.url}/catalog.ttl, "
        f"the log-in is in {CREDENTIALS}"
    )
