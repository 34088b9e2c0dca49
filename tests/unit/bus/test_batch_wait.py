"""How long a consumer waits for a batch to fill."""

import pytest

from concord_bus.extensions.consumer_loop import batch_wait

LONGEST = 0.05


@pytest.mark.parametrize(("last", "seconds"), [(0, 0.0), (1, 0.001), (20, 0.02), (50, LONGEST), (400, LONGEST)])
def test_the_busier_the_longer_up_to_a_limit(last: int, seconds: float) -> None:
    assert batch_wait(last, LONGEST) == pytest.approx(seconds)


def test_zero_means_never_to_wait() -> None:
    assert batch_wait(400, 0.0) == 0.0
