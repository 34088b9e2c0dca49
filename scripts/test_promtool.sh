#!/bin/sh
# Runs the rule tests with the promtool of a Debian package, which it unpacks beside the installed one.
# PROMTOOL_DEB is the package's file or address, such as that of promtool in a newer Debian.
set -eu
if [ -z "${PROMTOOL_DEB:-}" ]; then
    echo "Set PROMTOOL_DEB to the file or the address of a Debian package with promtool." >&2
    exit 2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
case $PROMTOOL_DEB in
*://*) curl --fail --silent --show-error --location --output "$folder/package.deb" "$PROMTOOL_DEB" ;;
*) cp "$PROMTOOL_DEB" "$folder/package.deb" ;;
esac
dpkg-deb -x "$folder/package.deb" "$folder"
if ! [ -x "$folder/usr/bin/promtool" ]; then
    echo "$PROMTOOL_DEB has no usr/bin/promtool: in Debian 14 it is in the package promtool." >&2
    exit 2
fi
"$folder/usr/bin/promtool" --version | head -n 1
PATH="$folder/usr/bin:$PATH" CI=true pytest tests/unit/monitoring/test_rules.py tests/unit/monitoring/test_guide.py
