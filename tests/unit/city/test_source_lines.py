"""Findings name lines: every key, element and feature is found where it stands."""

import tomllib

from concord_city.adapters.source_lines import feature_lines, toml_lines

TRICKY = '''\
# a comment with [brackets] and "quotes"
name = "a # b = [c]"   # not a key = "x"
text = """
[[rule]]
key = "inside a text"
"""
raw = \'\'\'
[also]\'\'\'
list = [
  "one", # why
  # "not an element",
  "two, three", [4, 5],
  { deep = "6", "quoted.key" = 7 },
]
dotted.path . "to it" = 1979-05-27T07:32:00Z
[table."with.dots"]
empty = []
[[rule]]
team = "a"
[[rule]]
  [rule.inner]
  deep = true
[[rule.part]]
n = 1
[[rule.part]]
n = 2
'''


def test_lines_of_tricky_toml() -> None:
    tomllib.loads(TRICKY)
    lines = toml_lines(TRICKY)
    expected = {
        ("name",): 2,
        ("text",): 3,
        ("raw",): 7,
        ("list",): 9,
        ("list", 0): 10,
        ("list", 1): 12,
        ("list", 2, 1): 12,
        ("list", 3, "deep"): 13,
        ("list", 3, "quoted.key"): 13,
        ("dotted", "path", "to it"): 15,
        ("table", "with.dots"): 16,
        ("table", "with.dots", "empty"): 17,
        ("rule", 0): 18,
        ("rule", 0, "team"): 19,
        ("rule", 1): 20,
        ("rule", 1, "inner", "deep"): 22,
        ("rule", 1, "part", 1, "n"): 26,
    }
    assert {path: lines.line(path) for path in expected} == expected


def test_what_is_not_written_has_the_line_of_what_is_around_it() -> None:
    lines = toml_lines('a = 1\n\n[[rule]]\nteam = "x"\n')
    assert lines.line(("rule", 0, "respond")) == 3
    assert lines.line(("nothing",)) is None


def test_lines_of_features() -> None:
    text = '{"name": "[{,}]",\n "bbox": [1, 2],\n "features"\n: [\n{"a": "]"},\n\n{"b": [1,\n2]}, {"c": 3}\n]}'
    assert feature_lines(text) == [5, 7, 8]


def test_no_features() -> None:
    assert feature_lines('{"features": [], "x": 1}') == []
    assert feature_lines('{"x": 1}') == []
