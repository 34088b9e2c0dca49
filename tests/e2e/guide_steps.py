"""What a reader does with each command of the guides: runs it, runs it until Ctrl-C, or cannot run it here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

README, CASES = "README.md", "docs/cases.md"


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page that begins with `begins`.

    `shows` is a pattern of its output, `code` its exit code. `takes` maps a text of the guides to a pattern; its group
    in the output replaces that text from then on. `again` repeats the command until the output matches. `needs` is a
    program without which the command cannot run.
    """

    page: str
    begins: str
    shows: str = ""
    code: int = 0
    takes: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    until_interrupted: bool = False
    needs: str | None = None
    elsewhere: str | None = None
    """The reason that the command cannot run here."""


@dataclass(frozen=True, slots=True)
class Also:
    """A command of no page, for what a page asks of its reader in words."""

    command: str
    shows: str = ""
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Wait until each command that runs until Ctrl-C has shown what it should, then press Ctrl-C."""


Story = tuple[Step | Also | Interrupt, ...]

EXTEND_PATH = Also('export PATH="$PWD/.venv/bin:$PATH"')
ID, CASE = r'"id":"(\w+)"', r'"case_id":"(\w+)"'
GRAFFITI = Also(
    "curl -s http://127.0.0.1:8080/v1/concerns -H 'Content-Type: application/json' -d '{"
    '"category": "graffiti", "description": "Paint.", "point": {"lon": -71.0833, "lat": 42.3300}}\'',
    ID,
)
SETS_UP = "It sets up the machine and uses fixed ports. Here `concord up` runs, which it runs."
SECOND_RUN = "It needs a second whole run: test_first_day.py runs it."
FETCHES = "It fetches packages from the network."
BREAKS_A_MESSAGE = Also(
    "curl -s MANAGEMENT/api/exchanges/%2F/concord.private/publish -H 'Content-Type: application/json' -d '{"
    '"properties": {"content_type": "text/plain"}, "routing_key": "concern.submitted.v1._._", '
    '"payload": "ten bytes!", "payload_encoding": "string"}\'',
    '"routed":true',
)
RESOLVE_AND_READ_THE_MAIL = (
    EXTEND_PATH,
    Also("ADMIN=$(concord token issue admin --role administrator)"),
    Also(
        'CASE=$(curl -s -H "Authorization: Bearer $ADMIN" \'http://127.0.0.1:8081/v1/cases?concern_id='
        '01a22d34fcce7f7f873dbb17def7481c\' | tee /dev/stderr | sed -E \'s/.*"case_id":"(\\w+)".*/\\1/\')',
        CASE,
    ),
    Also(
        "curl -s -H \"Authorization: Bearer $ADMIN\" -H 'If-Match: \"1\"' -H 'Content-Type: application/json' "
        '-d \'{"reason": "The lamp is back on."}\' http://127.0.0.1:8081/v1/cases/$CASE/resolve',
        '"state":"resolved"',
    ),
    Also(
        "python -c 'import email, email.policy, pathlib\n"
        'for file in pathlib.Path(".concord/mails").glob("*.eml"):\n'
        "    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)\n"
        '    print(mail["To"], mail.get_body(("plain",)).get_content())\'',
        r"rosa@example\.org[^@]*/feedback/\S+",
        {"TOKEN": r"rosa@example\.org[^@]*/feedback/(\S+)"},
    ),
)


def guide(name: str) -> str:
    return f"docs/guide/{name}.md"


STORIES: dict[str, Story] = {
    "newcomer": (
        Step(README, "make run", elsewhere=SETS_UP),
        Step(README, "make test", elsewhere="It runs this test."),
        Step(README, "curl", ID, takes={"ID": ID, "RECEIPT": r'"receipt":"([\d ]+)"'}),
        Step(README, "curl", '"status":"routed"', again=True),
        Step(README, "export PATH"),
        Step(README, "concord city check", "usable, 0 errors, 14 warnings"),
        Step(README, "concord up --home", elsewhere="It is a second whole run; test_up.py starts runs."),
        Step(guide("importing"), "concord import --dry-run --source records.csv", "category street_lighting: 352"),
        Step(guide("importing"), "concord import --dry-run --home", "category anti_social_behaviour: 1"),
        Step(guide("importing"), "concord import --propose", r'forms = \["DD.MM.YYYY HH:mm"\]'),
        Step(guide("importing"), "concord import --dry-run --city", "2 rows would come in, 2 would be refused", code=1),
        Step(guide("ops-page"), "make run", elsewhere=SETS_UP),
        Step(guide("ops-page"), "curl -N", r"event: |data: ", until_interrupted=True),
        Interrupt(),
        Step(guide("measures"), "curl", '"totals":'),
    ),
    "first day": (
        Step(guide("first-day"), "export PATH"),
        Step(guide("first-day"), "concord city init", "5 areas, 5 teams, 4 categories, 1 placeholder point"),
        Step(guide("first-day"), "concord up", elsewhere=SECOND_RUN),
        Step(guide("first-day"), "curl", elsewhere=SECOND_RUN),
        Step(guide("first-day"), "concord import", elsewhere=SECOND_RUN),
        Step(guide("first-day"), "concord city check", "usable, 0 errors, 0 warnings"),
    ),
    "officer": (
        EXTEND_PATH,
        Step(guide("operators"), "concord doctor", "0 problems", again=True),
        Step(guide("operators"), "concord doctor --json"),
        Step(guide("operators"), "cp"),
        Step(guide("operators"), "sed"),
        Step(guide("operators"), "concord city try", "would go elsewhere"),
        Step(guide("operators"), "concord city apply", elsewhere="It would change the sample, which all tests share."),
        Step(guide("operators"), "concord tail", r"concern\.routed\.v1 +B2", until_interrupted=True),
        GRAFFITI,
        Interrupt(),
        Step(guide("operators"), "eval"),
        Step(CASES, "curl", ID, takes={"ID": ID}),
        Step(CASES, "ADMIN=", "Key .* of admin"),
        Step(CASES, "curl", CASE, takes={"C381K3XR54": CASE, "CASE": CASE}, again=True),
        Step(CASES, "KEY=", "Key .* of lamp-desk"),
        Step(CASES, "curl -si", r'HTTP/1.1 200 OK(?s:.*)ETag: "1"'),
        Step(CASES, "curl -si", r'HTTP/1.1 200 OK(?s:.*)ETag: "2"(?s:.*)"state":"acknowledged"'),
        Step(guide("promises"), "curl", '"promise_id"', needs="jq"),
        Step(CASES, "curl -si", r'HTTP/1.1 200 OK(?s:.*)ETag: "3"(?s:.*)"state":"resolved"'),
        Step(CASES, "curl -s -H", r'"case_id"'),
        Step(CASES, "curl -s -X POST", elsewhere="It names two people of an identity provider."),
        Step(guide("audit"), "concord audit list --since", r"case\.acknowledged"),
        Step(guide("audit"), "concord audit list --service", needs="jq"),
        Step(guide("audit"), "concord audit list --database", elsewhere="It needs the PostgreSQL of an installation."),
        Step(guide("audit"), "KEY=", "Key .* of auditor"),
        Step(guide("audit"), "curl", r"case\.acknowledged"),
        Step(guide("audit"), "concord audit verify", "routing: .* whole", takes={"HEAD": r"routing: .* Head (\S+)"}),
        Step(guide("audit"), "concord audit verify --service routing", "routing: .* whole"),
    ),
    "administrator": (
        EXTEND_PATH,
        Step(guide("access"), "KEY=", "Key .* of night-desk"),
        Step(guide("access"), "curl", r'"team":"district-B2"'),
        Step(guide("access"), "concord token list", "night-desk", takes={"PREFIX": r"(?m)^(\S+) +night-desk"}),
        Step(guide("access"), "concord token revoke", "Revoked"),
        Step(guide("access"), "concord token issue robot", "notification accepts no API keys", code=2),
    ),
    "resident": (
        Step(
            guide("residents"),
            "curl",
            ID,
            takes={"01a22d34fcce7f7f873dbb17def7481c": ID, "5578 3687 3856 8437": r'"receipt":"([\d ]+)"'},
        ),
        Step(guide("residents"), "curl", '"status":"routed"', again=True),
        *RESOLVE_AND_READ_THE_MAIL,
        Step(guide("residents"), "curl", "Your concern is being opened again"),
        Step(guide("residents"), "curl -s -X POST", '"status":"withdrawn"', again=True),
        Step(guide("residents"), "curl", '"may_answer":false', again=True),
        Step(guide("residents"), "export CONCORD_HTTP_CORS_ORIGINS"),
        Step(guide("residents"), "export CONCORD_DATABASE_URL"),
        Step(guide("residents"), "export CONCORD_VAULT_KEYS_FILE"),
        Step(guide("residents"), "python -m concord_notification.rotate_vault_keys", "are under the newest key"),
        Step(guide("residents"), "export CONCORD_DATABASE_URL"),
        Step(guide("residents"), "export CONCORD_KEYS_ROUTING_FILE"),
        Step(guide("residents"), "python -m concord_routing.reseal", "are under the newest key"),
    ),
    "subscriber": (
        EXTEND_PATH,
        Step(guide("other-clients"), "export CONCORD_URL"),
        Step(
            guide("subscribing"),
            "concord subscriber add parks",
            r"sub\.parks\.replay has \d+ past events",
            takes={"URL": r"export CONCORD_URL='(.*)'"},
        ),
        Also("export CONCORD_URL='URL'"),
        Step(guide("subscribing"), "cp CLONE"),
        Step(guide("subscribing"), ".venv/bin/pip install", elsewhere=FETCHES),
        Step(guide("subscribing"), ".venv/bin/python -m pytest", r"1 passed|100%"),
        Step(guide("subscribing"), ".venv/bin/python parks_service.py", "graffiti in B2", until_interrupted=True),
        Step(guide("subscribing"), "curl", ID),
        Interrupt(),
        Step(guide("subscribing"), "concord subscriber replay parks", r"events copied to sub\.parks\.events"),
    ),
    "webhooks": (
        Step(guide("webhooks"), "CONCORD_WEBHOOK_INTERNAL_HOSTS=", elsewhere="The stage of this module runs it."),
        Step(guide("webhooks"), "export PATH"),
        Step(guide("webhooks"), "SECRET=", "Endpoint parks .* receives matching events"),
        Step(guide("webhooks"), "CLONE="),
        Step(guide("webhooks"), "mkdir"),
        Step(guide("webhooks"), "cp"),
        Step(guide("webhooks"), "python3 -m venv", elsewhere="The shell has the clone's environment in its place."),
        Step(guide("webhooks"), ".venv/bin/pip install", elsewhere=FETCHES),
        Also('ln -s "$CLONE/.venv" .venv'),
        Step(guide("webhooks"), "CONCORD_WEBHOOK_SECRET=", r"concern\.routed\.v1 \w+ B2", until_interrupted=True),
        Step(guide("webhooks"), "curl", ID),
        Interrupt(),
        Step(guide("webhooks"), "cd"),
        Step(guide("webhooks"), "concord webhook remove", "Removed parks"),
        Step(guide("webhooks"), "concord webhook add parks", "whsec_"),
        Step(guide("webhooks"), "concord webhook add web", "The URL must be https", code=2),
        GRAFFITI,
        Step(guide("webhook-operation"), "concord webhook list", "parks +active, failing", again=True),
        Step(guide("webhook-operation"), "concord webhook failures parks --state due", r"concern\.routed\.v1"),
        Step(guide("webhook-operation"), "concord webhook disable", "parks is disabled"),
        Step(
            guide("webhook-operation"),
            "concord webhook failures parks",
            r"disabled .* concern\.routed\.v1",
            takes={"EVENT": r"Z? +(\w{32}) +\d"},
        ),
        Step(guide("webhook-operation"), "concord webhook enable", "parks is active"),
        Step(guide("webhook-operation"), "concord webhook replay parks --since", "1 event is sent again"),
        Also("concord webhook disable parks && concord webhook enable parks"),
        Step(guide("webhook-operation"), "concord webhook replay parks EVENT", "1 event is sent again"),
        Step(guide("webhook-operation"), "concord webhook rotate parks --overlap", "The old secret also signs until"),
        Step(guide("webhook-operation"), "concord webhook rotate parks --now", "The old secret signs no more"),
        Also("concord webhook remove parks --yes", "Removed parks"),
    ),
    "operator": (
        EXTEND_PATH,
        BREAKS_A_MESSAGE,
        Step(
            guide("parked-messages"),
            "concord parked list",
            r"content type is not",
            takes={"ID": r"(?m)^ +(\d+) .*content type"},
            again=True,
        ),
        Step(guide("parked-messages"), "concord parked show", "would fail: content type is not"),
        Step(guide("parked-messages"), "concord parked replay routing ID", "refused: content type is not", code=1),
        Step(guide("parked-messages"), "concord parked replay routing --all", "0 of 0 parked messages done"),
        Step(guide("parked-messages"), "concord parked drop", "dropped"),
        Step(guide("measures"), "concord replay metrics", "The new measures are live"),
        Step(guide("monitoring"), "sh deploy/compose-secrets.sh", elsewhere="It needs a Docker engine: tests/compose."),
        Step(guide("monitoring"), "docker compose up", elsewhere="It needs a Docker engine: tests/compose."),
        Step(guide("monitoring"), "docker compose --profile", elsewhere="It needs a Docker engine: tests/compose."),
        Step(guide("monitoring"), "promtool", elsewhere="tests/unit/monitoring/test_guide.py runs it."),
    ),
}
