"""A result lives twenty times as long as its query took."""

from concord_metrics.application.result_cache import MAX_ENTRIES, ResultCache


class Query:
    def __init__(self, seconds):
        self.now, self.runs, self.seconds = 0.0, 0, seconds

    def clock(self):
        return self.now

    def __call__(self):
        self.now += self.seconds
        self.runs += 1
        return self.runs


def test_a_result_lives_twenty_times_as_long_as_its_query_took():
    query = Query(0.5)
    cache = ResultCache(query.clock)

    assert cache.get("a", query) == 1
    query.now += 9.9
    assert cache.get("a", query) == 1
    query.now += 0.2
    assert cache.get("a", query) == 2
    assert cache.get("b", query) == 3


def test_a_full_cache_drops_its_oldest_entry():
    query = Query(1.0)
    cache = ResultCache(query.clock)
    for key in range(MAX_ENTRIES + 5):
        cache.get(key, query)
    query.seconds = 0.0

    assert cache.get(MAX_ENTRIES + 4, query) == MAX_ENTRIES + 5
    assert cache.get(0, query) == MAX_ENTRIES + 6
