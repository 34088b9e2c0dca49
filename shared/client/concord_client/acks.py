"""Which acknowledgement to send: one for a whole run of messages where possible."""

from collections import deque


class Acknowledgements:
    """Of one channel. Not for several threads."""

    def __init__(self) -> None:
        self._delivered: deque[int] = deque()
        self._sent_alone: set[int] = set()

    def delivered(self, tag: int) -> None:
        self._delivered.append(tag)

    def settled(self, tags: set[int]) -> tuple[int | None, list[int]]:
        """For messages just settled: the tag up to which all are, if it rose, and those to acknowledge one by one."""
        up_to = None
        while self._delivered and (self._delivered[0] in tags or self._delivered[0] in self._sent_alone):
            tag = self._delivered.popleft()
            if tag in tags:
                tags.discard(tag)
                up_to = tag
            self._sent_alone.discard(tag)
        self._sent_alone |= tags
        return up_to, sorted(tags)

    def first_open(self) -> int | None:
        """The oldest delivery that is not settled."""
        return self._delivered[0] if self._delivered else None
