"""`concord token`: a key is issued, shown once, listed without its secret, recognised by a service, revoked."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from concord_access import Action, NotAuthenticated
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import ApiKeyVerifier
from concord_bus.adapters.sql.database import create_database_engine
from concord_cli.commands import concord
from concord_cli.common.audit_actor import actor
from concord_cli.token.grant_check import KEY_ACTIONS

PEPPER = "p" * 40
CITY = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder as `concord up` leaves it, as far as keys go."""
    folder = tmp_path / "home"
    (folder / "routing").mkdir(parents=True)
    (folder / "home.json").write_text("{}")
    (folder / "routing" / "routing.db").touch()
    return folder


def database(home: Path) -> str:
    return f"sqlite:///{home / 'routing' / 'routing.db'}"


def call(*arguments: str, env: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(concord, ["token", *arguments], env=env, prog_name="concord")
    assert "Traceback" not in result.output
    return result


def issued(home: Path, *arguments: str) -> str:
    result = call("issue", "night-desk", "--home", str(home), *(arguments or ("--role", "officer", "--team", "north")))
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def authenticate(home: Path, secret: str, pepper: str | None = None):
    """As a service on this database would."""
    engine = create_database_engine(database(home))
    server_key = pepper or (home / "keys" / "access").read_text().strip()

    class Transactions:
        @contextmanager
        def read(self):
            with engine.begin() as connection:
                yield SimpleNamespace(keys=SqlKeys(connection))

        @contextmanager
        def work(self):
            with self.read() as store:
                yield SimpleNamespace(store=store)

    try:
        return ApiKeyVerifier(server_key.encode(), Transactions(), lambda: datetime.now(UTC)).authenticate(secret)
    finally:
        engine.dispose()


def test_the_secret_alone_goes_to_standard_output(home):
    result = call("issue", "night-desk", "--role", "officer", "--team", "north", "--home", str(home))
    secret = result.stdout.strip()
    assert result.stdout == secret + "\n"
    assert secret not in result.stderr
    assert "not shown again" in result.stderr
    who = authenticate(home, secret)
    assert (who.subject, who.teams) == ("key:night-desk", {"north"})
    assert (home / "keys" / "access").stat().st_mode & 0o777 == 0o600


def test_all_options(home):
    arguments = ["--role", "supervisor", "--team", "a", "--team", "b", "--area", "B2", "--action", "case:read"]
    result = call("issue", "desk", *arguments, "--expires", "2w", "--json", "--home", str(home))
    said = json.loads(result.stdout)
    assert (said["role"], said["teams"], said["areas"]) == ("supervisor", ["a", "b"], ["B2"])
    assert (said["actions"], said["state"]) == (["case:read"], "live")
    life = datetime.fromisoformat(said["expires_at"]) - datetime.fromisoformat(said["issued_at"])
    assert life.days == 14
    assert authenticate(home, said["key"]).actions == {Action.CASE_READ}


def test_listed_without_secrets(home):
    assert "No keys yet" in call("list", "--home", str(home)).output
    assert json.loads(call("list", "--json", "--home", str(home)).stdout) == []
    secret = issued(home)
    prefix = secret.split("_")[1]
    plain, as_json = (call("list", "--home", str(home), *more).stdout for more in ((), ("--json",)))
    head, line = (" ".join(each.split()) for each in plain.splitlines())
    assert head == "PREFIX NAME ROLE TEAMS AREAS ACTIONS EXPIRES LAST USED STATE"
    assert line.startswith(
        f"{prefix} night-desk officer north * case:read case:reopen case:words case:work contact:read task:read 2"
    )
    assert line.endswith(" never live")
    (said,) = json.loads(as_json)
    assert (said["prefix"], said["last_used"]) == (prefix, None)
    assert secret.split("_")[2] not in plain + as_json
    assert "digest" not in as_json
    authenticate(home, secret)
    assert str(datetime.now(UTC).date())[:7] in call("list", "--home", str(home)).stdout.split("case:work")[1]


def test_revoked_by_prefix_or_whole_key(home):
    first, second = issued(home), issued(home)
    assert call("revoke", first, "--home", str(home)).output == f"Revoked {first.split('_')[1]}.\n"
    assert call("revoke", second.split("_")[1], "--home", str(home)).exit_code == 0
    for secret in (first, second):
        with pytest.raises(NotAuthenticated):
            authenticate(home, secret)
    again = call("revoke", first, "--home", str(home))
    assert (again.exit_code, again.output) == (1, "Error: No such live key: see concord token list.\n")
    assert call("list", "--home", str(home)).output.count("revoked") == 2


def test_what_was_done_stands_in_the_audit(home):
    secret = issued(home)
    call("revoke", secret, "--home", str(home))
    engine = create_database_engine(database(home))
    with engine.begin() as connection:
        records = SqlAudit(connection).records()
    engine.dispose()
    assert [(each.actor, each.action) for each in records] == [(actor(), "key.issued"), (actor(), "key.revoked")]
    assert secret.split("_")[2] not in str(records)


def test_a_third_live_key_is_refused(home):
    issued(home)
    issued(home)
    third = call("issue", "night-desk", "--role", "officer", "--team", "north", "--home", str(home))
    assert third.exit_code == 2
    assert "NAME: night-desk has 2 live keys" in third.output


def test_another_database_with_the_services_key(home):
    env = {"CONCORD_ACCESS_KEY": PEPPER}
    arguments = ("issue", "robot", "--role", "administrator", "--database", database(home))
    secret = call(*arguments, env=env).stdout.strip()
    assert authenticate(home, secret, PEPPER).subject == "key:robot"
    assert not (home / "keys").exists()
    said = call(*arguments)
    assert (said.exit_code, said.stderr) == (
        2,
        "Error: Set CONCORD_ACCESS_KEY (or CONCORD_ACCESS_KEY_FILE) to the server key of the services.\n",
    )


def test_a_lost_server_key_is_not_replaced(home):
    issued(home)
    (home / "keys" / "access").unlink()
    said = call("issue", "night-desk", "--role", "officer", "--team", "north", "--home", str(home))
    assert said.exit_code == 2
    assert "keys/access is missing, and existing API keys need it: restore it." in said.stderr


def test_a_service_without_keys_is_refused(home):
    (home / "notification").mkdir()
    (home / "notification" / "notification.db").touch()
    result = call("issue", "robot", "--role", "administrator", "--service", "notification", "--home", str(home))
    refusal = "Error: --service: notification accepts no API keys; use a JWT, or CONCORD_OPS_TOKEN.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", refusal)
    assert call("list", "--service", "notification", "--home", str(home)).exit_code == 0


@pytest.mark.parametrize("action", sorted(map(str, set(Action) - KEY_ACTIONS)))
def test_an_action_that_no_key_can_do_is_refused(home, action):
    result = call("issue", "robot", "--role", "administrator", "--action", action, "--home", str(home))
    remedy = {
        "webhook:manage": "with an API key; use a JWT, or CONCORD_OPS_TOKEN.",
        "history:import": "with an API key; use a JWT, or CONCORD_OPS_TOKEN.",
    }.get(action, "over HTTP; use an account of the database.")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: --action: {action} is not possible {remedy}\n"


def test_a_team_or_area_that_the_city_lacks_is_a_warning(home):
    (home / "home.json").write_text(json.dumps({"city": str(CITY)}))
    grant = ("--role", "officer", "--team", "district-B2", "--team", "distrct-B2", "--area", "B2", "--area", "B9")
    result = call("issue", "desk", *grant, "--home", str(home))
    assert result.exit_code == 0
    assert result.stdout.startswith("ck_")
    team, area, *_ = result.stderr.splitlines()
    assert team.startswith("Warning: --team: the city has no team 'distrct-B2'. It has district-A1, ")
    assert area.startswith("Warning: --area: the city has no area 'B9'. It has ")


@pytest.mark.parametrize("inventory", ["{}", "not JSON", '{"city": "/nowhere"}'])
def test_without_a_city_folder_there_is_no_warning(home, inventory):
    (home / "home.json").write_text(inventory)
    result = call("issue", "desk", "--role", "officer", "--team", "any-team", "--home", str(home))
    assert (result.exit_code, "Warning" in result.stderr) == (0, False)


GOOD = ("issue", "night-desk", "--role", "officer", "--team", "north")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("issue", "Night Desk", "--role", "auditor"), "NAME: A key's name must be 1 to 64 lower-case letters"),
        (("issue", "x", "--role", "officer"), "--team: A key with the role officer needs at least one team"),
        (
            ("issue", "x", "--role", "auditor", "--action", "case:work"),
            "--action: The role auditor does not include case:work",
        ),
        (("issue", "x", "--role", "mayor"), "'mayor' is not one of"),
        (("issue", "x", "--role", "auditor", "--action", "all"), "'all' is not one of"),
        (("issue", "x", "--role", "auditor", "--area", "a b"), "--area: The code of each area must be 1 to 64"),
        ((*GOOD, "--expires", "soon"), "'soon' is not a duration: write 12h or 30d or 4w"),
        ((*GOOD, "--expires", "0d"), "--expires: The lifetime must be more than 0"),
        ((*GOOD, "--expires", "99w"), "--expires: The lifetime must be more than 0 and at most 366 days"),
        ((*GOOD, "--database", "sqlite:///x.db"), "--database and --home exclude each other"),
    ],
)
def test_wrong_calls(home, arguments, said):
    result = call(*arguments, "--home", str(home))
    assert result.exit_code == 2
    assert said in result.stderr
    assert "ck_" not in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--home", "."), "is not the home folder of a local run: set --home or --database"),
        (("--database", "mysql://x"), "--database: the database URL must begin with sqlite:/// or postgresql"),
        (("--database", "nonsense"), "--database must look like"),
        (("--database", "sqlite:////nowhere/x.db"), "No database at /nowhere/x.db: start its service once"),
        (("--database", "sqlite:///x.db", "--service", "intake"), "--database and --service exclude each other"),
    ],
)
def test_wrong_places(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("list", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_used(home):
    (home / "routing" / "routing.db").write_text("this is no database, and long enough to be looked at as one" * 20)
    result = call("list", "--home", str(home))
    assert result.exit_code == 1
    assert result.stderr == "Error: The database cannot be used: file is not a database\n"


@pytest.mark.parametrize("command", ["issue", "list", "revoke"])
def test_help_has_examples(command):
    assert f"concord token {command}" in call(command, "--help").output.partition("Example")[2]
