"""A routing service that knows API keys and an issuer's tokens, and holders of either."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from boston_sample import BOSTON, records, submission
from click.testing import CliRunner
from cryptography.fernet import Fernet
from service_process import OPS_TOKEN, ServiceProcess, prepare, publish, until
from tokens import AUDIENCE, ISSUER, jwks, token

from concord_access import Role
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import issue
from concord_access.audit import SqlAudit
from concord_access.domain.api_key import NewApiKey
from concord_bus.adapters.sql.database import create_database_engine
from concord_cli.commands import concord
from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, variable
from concord_nodes.tcp_ports import choose_port

KEYS = {variable(each): Fernet.generate_key().decode() for each in RECIPIENTS}
PEPPER = "a server key for tests, long enough to be one"
OWN, OTHER, THIRD = "graffiti-crew", "transportation", "public-works"
"""Teams that work in the whole city."""
HERE, THERE = "D4", "A1"
KINDS = {OWN: "graffiti", OTHER: "traffic_signals_signs", None: "unicorns"}
"""A category for each team; for what no rule can decide, one that the city does not have."""


@dataclass(frozen=True)
class Holder:
    """Somebody with a grant; empty means what is usual for the role."""

    role: str
    teams: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class Stage:
    """Starts routing with access set up; `routing` is it."""

    def __init__(self, vhost, folder: Path, database: str) -> None:
        prepare(vhost)
        issuer = folder / "jwks.json"
        issuer.write_bytes(jwks())
        env = {
            "CONCORD_BROKER_URL": vhost.amqp_url,
            "CONCORD_CITY": str(BOSTON / "city"),
            "CONCORD_DATABASE_URL": database,
            "CONCORD_ACCESS_KEY": PEPPER,
            "CONCORD_JWT_ISSUER": ISSUER,
            "CONCORD_JWT_AUDIENCE": AUDIENCE,
            "CONCORD_JWT_KEYS": str(issuer),
            **KEYS,
        }
        self.routing = ServiceProcess("routing", folder, choose_port(0, 0, "HTTP"), env)
        self._vhost = vhost
        self._database = database

    def concord(self, *arguments: str):
        """What `concord ARGUMENTS --database ...` came to."""
        place = ("--database", self._database)
        return CliRunner().invoke(concord, [*arguments, *place], env={"CONCORD_ACCESS_KEY": PEPPER})

    def key(self, name: str, holder: Holder) -> str:
        """An API key as `concord token issue` prints it."""
        grant = {"--team": holder.teams, "--area": holder.areas, "--action": holder.actions}
        given = [each for option, codes in grant.items() for code in codes for each in (option, code)]
        issued = self.concord("token", "issue", name, "--role", holder.role, *given)
        assert issued.exit_code == 0, issued.output
        return issued.stdout.strip()

    def old_key(self, name: str, days_ago: int, life: timedelta) -> str:
        """A key of an officer, issued some days ago."""
        wish = NewApiKey(name, Role.OFFICER, frozenset({OWN}), frozenset(), frozenset(), life)
        engine = create_database_engine(self._database)
        try:
            with engine.begin() as connection:
                at = datetime.now(UTC) - timedelta(days=days_ago)
                return issue(SqlKeys(connection), SqlAudit(connection), wish, PEPPER.encode(), "cli", at)[0]
        finally:
            engine.dispose()

    def open_cases(self, wanted: dict[tuple[str | None, str | None], int]) -> dict[tuple[str | None, str | None], list]:
        """So many new cases for each team and area; their ids."""
        line = [_concern(*place) for place, count in wanted.items() for _ in range(count)]
        publish(self._vhost.amqp_url, Codec(Keyrings.from_env(KEYS)), line)
        until(lambda: self.routing.ledger()["cases"] == len(line))
        found = {place: [] for place in wanted}
        for each in self.routing.json("/v1/cases?limit=1000", OPS_TOKEN)["cases"]:
            found[each["team"], each["area"]].append(each["case_id"])
        assert {place: len(ids) for place, ids in found.items()} == wanted
        return found


def bearer(name: str, holder: Holder, **claims) -> str:
    """A token of the issuer."""
    grant = {
        "concord_teams": list(holder.teams),
        "concord_areas": list(holder.areas),
        "concord_actions": list(holder.actions),
    }
    said = {"sub": name, "exp": int(time.time()) + 600, "concord_role": holder.role}
    left_out = [claim for claim, codes in grant.items() if not codes]
    return token(without=left_out, **(said | grant | claims))


def _concern(team: str | None, area: str | None):
    """With a place well inside the area, or outside the city."""
    row = next(each for each in records().values() if each["n_area"] == (area or HERE) and each["n_lon"])
    event = submission(row | {"n_id": uuid4().hex, "n_category": KINDS[team]})
    if area is not None:
        return event
    return replace(event, data=replace(event.data, point=replace(event.data.point, lon=0.0, lat=0.0)))
