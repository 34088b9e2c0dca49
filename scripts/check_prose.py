"""Check the English of guides, docstrings and help texts: `python scripts/check_prose.py [PATH...]`.

Exit code 0 when all is clean, 1 with findings, 2 for a wrong call. The rules are in `prose/rules.py`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from prose.files import DEFAULT_PATHS, check_file, texts_under
from prose.fragments import Finding

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser, options = _parse(arguments)
    paths = options.paths or [root / name for name in DEFAULT_PATHS if (root / name).exists()]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {', '.join(missing)}")
    findings = [finding for text in texts_under(paths) for finding in check_file(root, text)]
    return _report(findings, counts=options.counts)


def _parse(arguments: Sequence[str] | None) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    parser = argparse.ArgumentParser(description="Check the English of guides, docstrings and help texts.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders; by default all")
    parser.add_argument("--counts", action="store_true", help="print a count for each file and rule only")
    return parser, parser.parse_args(arguments)


def _report(findings: Sequence[Finding], *, counts: bool) -> int:
    if counts:
        for (path, rule), count in sorted(Counter((finding.path, finding.rule) for finding in findings).items()):
            print(f"{count:5} {rule:16} {path}")
    else:
        print(*findings, sep="\n", end="\n" if findings else "")
    if findings:
        print(f"{len(findings)} findings in {len({finding.path for finding in findings})} files", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
