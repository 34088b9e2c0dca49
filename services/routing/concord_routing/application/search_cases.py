"""Search cases: by case id, by concern id, or by what residents wrote, which only decryption can tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from concord_access import Action, Principal, Scope, scope_of
from concord_access.domain.audit_entry import Entry
from concord_bus.ports import Transactions
from concord_routing.application.live_rules import LiveRules
from concord_routing.domain.case import Case, read_case_id
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.commands import may_read, require_reader
from concord_routing.domain.reading import is_sensitive, may_read_words
from concord_routing.domain.text_search import MAX_QUERY, MIN_LETTERS, matches, words_of
from concord_routing.ports import CaseFilter, ResidentWords, Store

MAX_SEARCHED = 5000
"""Open cases whose words one search decrypts, the newest. With 100,000 cases it takes a second and a half."""
MAX_FOUND = 50
PAGE = 200
"""Cases after which other requests have their turn."""
AUDIT_ACTION, AUDIT_SUBJECT = "case.search", "cases:open"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """At most MAX_FOUND cases, the newest first; `searched` counts those whose words the search read.

    `complete` is False if there were more cases to search, or more to find.
    """

    cases: tuple[Case, ...]
    searched: int
    complete: bool


class SearchCases:
    """Finds cases that the sender may read; by words, those whose words the sender may read."""

    def __init__(
        self, rules: LiveRules, transactions: Transactions, words: ResidentWords, breathe: Callable[[], None]
    ) -> None:
        """`breathe` lets other requests have their turn during a long search."""
        self._rules = rules
        self._transactions = transactions
        self._words = words
        self._breathe = breathe

    def __call__(self, query: str, principal: Principal) -> SearchResult:
        """Search, and note in the audit that somebody searched, without the query.

        Raises NotAllowed for a principal that may read no case, InvalidCommand for a query of the wrong length.
        """
        require_reader(principal)
        if not MIN_LETTERS <= len(query.strip()) <= MAX_QUERY:
            raise InvalidCommand(
                "text", f"Give {MIN_LETTERS} to {MAX_QUERY} characters: an id, or words of the concern."
            )
        with self._transactions.read() as store:
            found = [case for case in _by_id(query, store) if may_read(principal, case)]
        searched, complete = (0, True) if found else self._search(query, principal, found)
        with self._transactions.work() as work:
            details = {"found": len(found), "searched": searched}
            work.store.audit.append(Entry(work.now, principal.subject, AUDIT_ACTION, AUDIT_SUBJECT, details))
        return SearchResult(tuple(found[:MAX_FOUND]), searched, complete and len(found) <= MAX_FOUND)

    def _search(self, query: str, principal: Principal, found: list[Case]) -> tuple[int, bool]:
        """Add the cases with the words to `found`; return how many it read, and whether these were all."""
        words, scope, searched = words_of(query), scope_of(principal, Action.CASE_WORDS), 0
        pages = () if scope is None else self._pages(scope)
        for page in pages:
            readable = [case for case in page if self._may_read(case, principal)]
            found += [case for case in readable if self._has(words, case)]
            searched += len(readable)
            if len(page) < PAGE:
                return searched, True
        return searched, scope is None

    def _pages(self, scope: Scope) -> Iterator[list[Case]]:
        before: int | None = None
        for _ in range(MAX_SEARCHED // PAGE):
            self._breathe()
            with self._transactions.read() as store:
                rows = store.newest_open_cases(scope, PAGE, before)
            yield [case for _, case in rows]
            before = rows[-1][0]

    def _may_read(self, case: Case, principal: Principal) -> bool:
        return may_read_words(principal, case, sensitive=is_sensitive(case, self._rules().city.categories))

    def _has(self, words: list[str], case: Case) -> bool:
        submission = self._words.submission(case.submission)
        return submission is not None and matches(words, submission.words, submission.address)


def _by_id(query: str, store: Store) -> Iterator[Case]:
    case = store.case(read_case_id(query.strip()))
    if case is not None:
        yield case
    for _, found in store.cases(CaseFilter(concern_id=query.strip()), 0, 1):
        yield found
