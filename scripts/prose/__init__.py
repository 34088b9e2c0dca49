"""A linter for the English of guides, docstrings and command help. The command is `scripts/check_prose.py`.

Why not a library: proselint looks for cliches, textstat scores readability, and pysbd has had no release since 2021;
none of them finds a passive voice. A tagger such as spaCy needs a model and seconds to start. markdown-it-py reads the
Markdown.
"""
