"""Notes what the code uses of the databases, when it is released: `python -m tests.contract.freeze_release`."""

from .product import SERVICES, service_package
from .released_schema import RELEASED, columns_in_use, revisions


def main() -> None:
    columns = {line for service in SERVICES for line in columns_in_use(service)}
    packages = {service: service_package(service) for service in SERVICES}
    names = {f"{revision.owner} {revision.name}" for revision in revisions(packages)}
    for kind, lines in (("columns", columns), ("revisions", names)):
        (RELEASED / f"{kind}.txt").write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


if __name__ == "__main__":
    main()
