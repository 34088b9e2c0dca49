"""Brings the deployment up once for all tests of this folder, and takes it down with all it made."""

from collections.abc import Iterator

import pytest

from .deployment import Deployment, engine_missing


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """All containers, healthy. Whoever runs these tests asked for them, so a missing engine is a failure."""
    missing = engine_missing()
    if missing:
        pytest.fail(missing, pytrace=False)
    made = Deployment(tmp_path_factory.mktemp("compose") / "secrets")
    try:
        made.up()
        yield made
    finally:
        made.down()
