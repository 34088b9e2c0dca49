"""The example of concord_city calls its functions with the arguments that they take."""

import ast
import inspect

import concord_city


def test_the_calls_of_the_example_fit() -> None:
    example = inspect.getdoc(concord_city) or ""
    code = ast.parse(example.partition("\n\n")[2])
    calls = [node for node in ast.walk(code) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]

    called = {call.func.id: call.args for call in calls if isinstance(call.func, ast.Name)}
    assert {"load", "decide", "promise"} <= called.keys()
    for name in ("load", "decide", "promise"):
        inspect.signature(getattr(concord_city, name)).bind(*called[name])
