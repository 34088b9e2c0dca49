"""`concord up` on a broker, a PostgreSQL server and a mail server that run already."""

from pathlib import Path
from urllib.parse import quote

from concord_bus.topology.declarations import SERVICES
from concord_nodes import PostgresNode, RabbitNode
from concord_nodes.mail_catcher import MailCatcher

from .running import CHECKOUT, SAMPLE, Up, gone, left_over

FEW = 60


def test_on_a_running_broker_database_and_mail_server(
    tmp_path: Path, rabbit_own: RabbitNode, postgres: PostgresNode, mail: MailCatcher
) -> None:
    records = tmp_path / "few.csv"
    records.write_text("".join(SAMPLE.read_text("utf-8").splitlines(keepends=True)[: FEW + 1]), "utf-8")
    login = f"{quote(rabbit_own.user)}:{quote(rabbit_own.password)}"
    management = rabbit_own.management_url.replace("http://", f"http://{login}@")
    home = tmp_path / "home"
    arguments = (
        *("--broker", f"amqp://127.0.0.1:{rabbit_own.amqp_port}/concord%2Ftest", "--management", management),
        *("--database", postgres.url("")),
        *("--smtp", mail.url, "--mail-from", "Concord <concord@example.org>"),
        *("--records", str(records), "--city", str(CHECKOUT / "deploy/sample/boston/city")),
    )
    try:
        with Up(home, *arguments) as up:
            account = up.account()
        with Up(home, *arguments) as again:
            second = again.account()
    finally:
        for service in SERVICES:
            postgres.drop_database(f"concord_{service}")
    assert (account["taken_in"], account["measured"], left_over(account)) == (FEW, FEW, {})
    assert (second["taken_in"], second["messages"]) == (FEW, 0)
    assert account["contacts"] == mail.count == 0, "no contact is invented where mails leave the machine"
    assert "The records get no invented contacts" in up.said
    assert account["restarts"].keys() == set(SERVICES)
    assert not list(home.rglob("*.db"))
    queues = rabbit_own.management.call("GET", "/api/queues/concord%2Ftest")
    assert "routing.submitted" in {each["name"] for each in queues}
    assert gone(home, 5)
    assert rabbit_own.alive
