"""Templates in one language. The compiler looks the messages up once, so that no mail has to."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, nodes
from jinja2.visitor import NodeTransformer

from concord_i18n.catalogues import PLACEHOLDER
from concord_i18n.translator import Translator


class TranslatedTemplates(PackageLoader):
    """Loads templates that hold messages as `{{ _("It is with %(team)s.", team=team) }}`."""

    def __init__(self, package: str, translator: Translator) -> None:
        super().__init__(package)
        self._messages = _Messages(translator)

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        source, filename, _ = self.get_source(environment, name)
        tree = self._messages.visit(environment.parse(source, name, filename))
        code = environment.compile(tree, name, filename)
        return environment.template_class.from_code(environment, code, globals or {})


def template_environment(translator: Translator) -> Environment:
    """Return the environment of the mails of this package, in the translator's language."""
    environment = Environment(  # plain text: HTML escaping would spoil it
        loader=TranslatedTemplates("concord_notification", translator),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["sentence_end"] = sentence_end
    return environment


def sentence_end(value: str) -> str:
    """Return the value with a full stop; a value such as `5:00 p.m.` has one already."""
    return value if value.endswith(".") else f"{value}."


class _Messages(NodeTransformer):
    """Replaces each call of `_` by the translated text, with the values in place of the placeholders."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        self.generic_visit(node)
        node.nodes = [
            piece for child in node.nodes for piece in (child.nodes if isinstance(child, nodes.Concat) else [child])
        ]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name != "_":
            return node
        values = {keyword.key: keyword.value for keyword in node.kwargs}
        text = self._translator.gettext(node.args[0].as_const())
        return nodes.Concat(list(_pieces(text, values)), lineno=node.lineno)


def _pieces(text: str, values: Mapping[str, nodes.Expr]) -> list[nodes.Expr]:
    """Return the text between the placeholders, and the values; a full stop belongs to the value before it."""
    if not values:
        return [nodes.Const(text)]
    literal, *rest = (part.replace("%%", "%") for part in PLACEHOLDER.split(text))
    pieces: list[nodes.Expr] = [nodes.Const(literal)]
    for name, following in zip(rest[::2], rest[1::2], strict=True):
        value = values[name]
        if following.startswith("."):
            value = nodes.Filter(value, "sentence_end", [], [], None, None, lineno=value.lineno)
        pieces += [value, nodes.Const(following.removeprefix("."))]
    return pieces
