"""The state of a form on a page: what somebody typed, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FormState:
    """`values` holds texts by field, `errors` a remedy for each wrong field, in the order of the form.

    The error of the field "" is about the whole form. The error box links each other error to the element with the
    field's name as its id.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str | None:
        return self.errors.get(name)

    def described(self, name: str, *, hint: bool) -> str:
        """Return the value of `aria-describedby`: the ids of the hint and of the error that the field has."""
        return " ".join(_ids(name, hint=hint, error=name in self.errors))


def _ids(name: str, *, hint: bool, error: bool) -> Iterator[str]:
    if hint:
        yield f"{name}-hint"
    if error:
        yield f"{name}-error"
