"""What is slow to work out is kept for twenty times as long as it took."""

from concord_metrics.application.result_cache import MOST, Kept


class Work:
    def __init__(self, seconds):
        self.now, self.done, self.seconds = 0.0, 0, seconds

    def clock(self):
        return self.now

    def __call__(self):
        self.now += self.seconds
        self.done += 1
        return self.done


def test_an_answer_is_kept_for_twenty_times_as_long_as_it_took():
    work = Work(0.5)
    kept = Kept(work.clock)

    assert kept.get("a", work) == 1
    work.now += 9.9
    assert kept.get("a", work) == 1
    work.now += 0.2
    assert kept.get("a", work) == 2
    assert kept.get("b", work) == 3


def test_no_more_answers_are_kept_than_fit():
    work = Work(1.0)
    kept = Kept(work.clock)
    for each in range(MOST + 5):
        kept.get(each, work)
    work.seconds = 0.0

    assert kept.get(MOST + 4, work) == MOST + 5
    assert kept.get(0, work) == MOST + 6
