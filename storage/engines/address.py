"""PostgreSQL's address, as people write it: understood once, for the pool, LISTEN, migrations and `pg_dump` alike.

What is not understood is refused by name. No sentence here quotes more of an address than an option's name and value,
and of a password nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

import sqlalchemy as sa

DRIVER = "postgresql+asyncpg"
SCHEMES = (DRIVER, "postgresql", "postgres")
PORT = 5432
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERSIONS = ("TLSv1.2", "TLSv1.3")
SYSTEM = "system"
"""As ``sslrootcert``: the certificate authorities that this machine trusts."""
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
TLS = (*FILES, "sslmode", "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version")
CACHES = ("statement_cache_size", "prepared_statement_cache_size")
PLACE = ("host", "port", "user", "password", "dbname", "database")
OTHERS = ("target_session_attrs", "application_name", "connect_timeout", "options", "channel_binding", "ssl")
KNOWN = frozenset((*TLS, *CACHES, *PLACE, *OTHERS))
MAY_BE: Mapping[str, tuple[str, ...]] = {
    "sslmode": MODES,
    "sslnegotiation": ("postgres", "direct"),
    "ssl_min_protocol_version": VERSIONS,
    "ssl_max_protocol_version": VERSIONS,
    # Usher writes, so it cannot work on a standby.
    "target_session_attrs": ("any", "primary", "read-write"),
    "channel_binding": ("disable", "prefer"),
}
CURES: Mapping[str, str] = {
    "channel_binding": "; Usher's driver has none: write channel_binding=prefer, or leave it out",
    "pgbouncer": ": write statement_cache_size=0 instead",
    **dict.fromkeys(
        ("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
        ": leave it out, Usher sees to that by itself",
    ),
}


class NotUnderstood(ValueError):
    """The text goes on from the name of a setting."""


@dataclass(frozen=True)
class Address:
    """``hosts`` with their ports, tried in their order; a host that begins with / is the folder of a socket."""

    hosts: tuple[tuple[str, int], ...]
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    options: Mapping[str, str] = field(repr=False)
    """Those of `KNOWN` that were set, but for the place."""

    @property
    def is_pooled(self) -> bool:
        """Behind one that gives each transaction another of its connections: a statement cannot be prepared ahead."""
        return any(self.options.get(name) == "0" for name in CACHES)

    @classmethod
    def of(cls, written: str | sa.URL) -> "Address":
        """Raises `NotUnderstood`."""
        by_library = isinstance(written, sa.URL)
        text = written.render_as_string(hide_password=False) if isinstance(written, sa.URL) else written.strip()
        scheme, separator, rest = text.partition("://")
        if not separator or scheme not in SCHEMES:
            raise NotUnderstood("has to begin with postgresql:// or postgresql+asyncpg://")
        rest, _, query = rest.partition("?")
        login, _, rest = rest.rpartition("@")
        places, _, path = rest.partition("/")
        if "@" in login:
            raise NotUnderstood("has an @ in its user or password: write it as %40")
        user, _, password = login.partition(":")
        # A + is what it says, as PostgreSQL has it; SQLAlchemy writes one for a space.
        asked = _asked(query.replace("+", "%20") if by_library else query)
        hosts = _hosts(asked.pop("host", "") or places, asked.pop("port", ""))
        database = asked.pop("dbname", asked.pop("database", unquote(path)))
        whose = (asked.pop("user", unquote(user)) or None, asked.pop("password", unquote(password)) or None)
        return cls(hosts, *whose, database or None, _checked(asked))

    def url(self) -> str:
        """As the rest of the product reads it, also where it takes it apart with SQLAlchemy."""
        alone = len(self.hosts) == 1 and not self.hosts[0][0].startswith("/")
        host, port = self.hosts[0] if alone else (None, None)
        query = dict(self.options)
        if self.hosts and not alone:
            query |= {"host": ",".join(host for host, _ in self.hosts), "port": ",".join(f"{p}" for _, p in self.hosts)}
        bare = sa.URL.create(DRIVER, self.user, self.password, host, port, self.database)
        return bare.render_as_string(hide_password=False) + _as_query(query)

    def for_programs(self) -> str:
        """As PostgreSQL's own programs read it, without the password: all who are on the machine see a command line."""
        places = ",".join(_quoted(host) + f":{port}" * (port != PORT) for host, port in self.hosts)
        login = f"{quote(self.user, safe='')}@" if self.user else ""
        of_ours = (*CACHES, "sslpassword")
        query = _as_query({name: value for name, value in self.options.items() if name not in of_ours})
        return f"postgresql://{login}{places}/{quote(self.database or '', safe='')}{query}"


def _as_query(options: Mapping[str, str]) -> str:
    return f"?{urlencode(options, safe='/,', quote_via=quote)}" if options else ""


def _quoted(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host, safe="")


def _asked(query: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for each in filter(None, query.split("&")):
        name, _, value = (unquote(part) for part in each.partition("="))
        if not name.replace("_", "").isalnum():  # which may be the rest of a password, and is not told
            raise NotUnderstood("has a ? that no option follows: in a user or password, write it as %3F")
        if name not in KNOWN:
            raise NotUnderstood(f"has an option {name} that is not known{CURES.get(name, _all_known())}")
        # Written twice, the last one counts; of hosts, each is one more.
        asked[name] = f"{asked[name]},{value}" if name == "host" and name in asked else value
    return asked


def _all_known() -> str:
    return f". Known are {', '.join(sorted(KNOWN))}"


def _hosts(places: str, ports: str) -> tuple[tuple[str, int], ...]:
    found, given = [], [each for each in ports.split(",") if each]
    for number, place in enumerate(filter(None, places.split(","))):
        host, port = _host_and_port(unquote(place))
        if not port and given:
            port = given[min(number, len(given) - 1)]
        if not (port or "5").isdecimal():
            raise NotUnderstood("has a port that is no number")
        found.append((host, int(port or PORT)))
    return tuple(found)


def _host_and_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = place.partition(":")
    return host, port


def _checked(asked: Mapping[str, str]) -> Mapping[str, str]:
    options = dict(asked)
    if "ssl" in options:  # SQLAlchemy's word for it
        mode = options.pop("ssl")
        if mode not in MODES:
            raise NotUnderstood(f"has ssl={mode}, which may mean several things: write sslmode=require or verify-full")
        options.setdefault("sslmode", mode)
    for name, may_be in MAY_BE.items():
        if (value := options.get(name, may_be[0])) not in may_be:
            raise NotUnderstood(f"has {name}={value}, which has to be {_one_of(may_be)}{CURES.get(name, '')}")
    for name in (*CACHES, "connect_timeout"):
        if not options.get(name, "0").isdecimal():
            raise NotUnderstood(f"has an option {name} that is no whole number")
    _check_files(options)
    return options


def _check_files(options: Mapping[str, str]) -> None:
    for name in FILES:
        if (file := options.get(name)) and not Path(file).is_file() and (name, file) != ("sslrootcert", SYSTEM):
            raise NotUnderstood(f"names a file as its {name} that is not there: {file}")
    mode, usual = options.get("sslmode", ""), Path("~/.postgresql/root.crt").expanduser()
    if mode.startswith("verify") and "sslrootcert" not in options and not usual.is_file():
        raise NotUnderstood(
            f"has sslmode={mode} and does not say which certificate authority to trust: add sslrootcert=FILE, or "
            "sslrootcert=system for those that this machine trusts"
        )
    if options.get("sslrootcert") == SYSTEM and mode not in ("", "verify-full"):
        raise NotUnderstood("has sslrootcert=system, with which sslmode has to be verify-full")


def _one_of(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
