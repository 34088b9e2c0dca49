"""Which labels a PromQL expression gives, and what in it names nothing that exists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import promql_parser as ast

Labels = frozenset[str]
NOTHING: Labels = frozenset()
VARIABLES = {"$__rate_interval": "5m", "$__range": "7d"}
"""What Grafana puts in before it asks."""
SET_OPERATORS = ("and", "unless", "or")


@dataclass
class Reader:
    """Knows the labels of each series by name; `problems` says what it did not find."""

    series: Mapping[str, Labels]
    problems: list[str] = field(default_factory=list)

    def labels(self, expression: str) -> Labels:
        """The labels of what an expression gives. Raises ValueError where it is no PromQL."""
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        return self._of(ast.parse(expression)) or NOTHING

    def _of(self, node: Any) -> Labels | None:
        """None of what is a number or a text, so has no labels to match."""
        reading = _READINGS[type(node)]
        return reading(self, node)

    def _vector(self, node: Any) -> Labels:
        if node.name not in self.series:
            self.problems.append(f"there is no {node.name}")
            return NOTHING
        found = self.series[node.name]
        self._require(found, [each.name for each in node.matchers.matchers], node.name)
        return found

    def _aggregate(self, node: Any) -> Labels:
        inner = self._of(node.expr) or NOTHING
        if node.modifier is None:
            return NOTHING
        self._require(inner, node.modifier.labels, f"what {node.op} is of")
        named = frozenset(node.modifier.labels)
        return named if node.modifier.type == ast.AggModifierType.By else inner - named

    def _call(self, node: Any) -> Labels | None:
        inner = next((found for found in map(self._of, node.args) if found is not None), None)
        if node.func.name == "label_replace":
            self._require(inner or NOTHING, [node.args[3].val], "what label_replace is of")
            return (inner or NOTHING) | {node.args[1].val}
        if node.func.name == "histogram_quantile":
            self._require(inner or NOTHING, ["le"], "what histogram_quantile is of")
            return (inner or NOTHING) - {"le"}
        return inner

    def _binary(self, node: Any) -> Labels | None:
        left, right = self._of(node.lhs), self._of(node.rhs)
        if left is None or right is None:
            return right if left is None else left
        matching = node.modifier.matching if node.modifier else None
        if matching is not None and matching.type == ast.LabelModifierType.Include:
            for side in (left, right):
                self._require(side, matching.labels, f"a side of {node.op}")
            return left if str(node.op) in SET_OPERATORS else frozenset(matching.labels)
        ignored = frozenset(matching.labels) if matching else NOTHING
        if left - ignored != right - ignored:
            self.problems.append(f"the sides of {node.op} never match: {sorted(left)} and {sorted(right)}")
        return left

    def _inside(self, node: Any) -> Labels | None:
        return self._of(node.expr)

    def _matrix(self, node: Any) -> Labels:
        return self._vector(node.vector_selector)

    def _plain(self, node: Any) -> None:
        return None

    def _require(self, there: Labels, wanted: Sequence[str], where: str) -> None:
        for label in wanted:
            if label not in there and label != "__name__":
                self.problems.append(f"{where} has no label {label}, only {', '.join(sorted(there)) or 'none'}")


_READINGS: Mapping[type, Any] = {
    ast.VectorSelector: Reader._vector,
    ast.MatrixSelector: Reader._matrix,
    ast.SubqueryExpr: Reader._inside,
    ast.AggregateExpr: Reader._aggregate,
    ast.Call: Reader._call,
    ast.BinaryExpr: Reader._binary,
    ast.ParenExpr: Reader._inside,
    ast.UnaryExpr: Reader._inside,
    ast.NumberLiteral: Reader._plain,
    ast.StringLiteral: Reader._plain,
}


def legend_labels(legend: str) -> Labels:
    """The labels that a legend of Grafana names: `{{service}}`."""
    return frozenset(re.findall(r"\{\{\s*(\w+)\s*\}\}", legend))


def template_labels(text: str) -> Labels:
    """The labels that an alert's text names: `{{ $labels.service }}`."""
    return frozenset(re.findall(r"\$labels\.(\w+)", text))
