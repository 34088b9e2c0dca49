"""Freezes message types that are new: `python -m tests.contract.freeze`.

Writes `schemas/<type>.json`, `examples/<type>.json` and, for a private type, `examples/sealed/<type>.json` for types
that have none yet; the values of an example come from `expected.py`. A file that is there already is never changed:
what was published stays as it was published.
"""

import json
import sys
from pathlib import Path
from typing import Any

from concord_contracts import CATALOGUE, MessageType

from .expected import EXPECTED
from .frozen import contract_of
from .keys import codec, keyrings

HERE = Path(__file__).parent


def example(kind: MessageType) -> Any:
    """The event as it is written, a private one with its data in clear."""
    written = sealed(kind)
    if kind.recipient:
        written["data"] = json.loads(keyrings().open(kind.recipient, written["data"]))
    return written


def sealed(kind: MessageType) -> Any:
    """The event exactly as it travels."""
    return json.loads(codec().encode(EXPECTED[kind.name]).body)


def write_new(path: Path, content: Any) -> None:
    if not path.exists():
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"froze {path.relative_to(HERE)}")


def main() -> int:
    without = sorted(set(CATALOGUE) - set(EXPECTED))
    if without:
        print(f"first add an example to expected.py of: {', '.join(without)}", file=sys.stderr)
        return 2
    for name, kind in CATALOGUE.items():
        write_new(HERE / "schemas" / f"{name}.json", contract_of(kind))
        write_new(HERE / "examples" / f"{name}.json", example(kind))
        if kind.recipient:
            write_new(HERE / "examples" / "sealed" / f"{name}.json", sealed(kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
