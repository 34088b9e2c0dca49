#!/bin/sh
# Extract the messages for residents into the template, then bring every catalogue up to date with it.
# With a file as argument: only extract, into that file.
set -e
cd "$(dirname "$0")/.."
locale=shared/i18n/concord_i18n/locale
template=${1:-$locale/concord.pot}
pybabel --quiet extract --mapping babel.cfg --keywords N_ --add-comments TRANSLATORS: --sort-by-file --width 120 \
    --add-location file --omit-header --output "$template" services shared
if [ -z "$1" ]; then
    pybabel --quiet update --domain concord --input-file "$template" --output-dir "$locale" --no-fuzzy-matching \
        --ignore-obsolete --ignore-pot-creation-date --width 120
fi
