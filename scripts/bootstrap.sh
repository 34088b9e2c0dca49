#!/bin/sh
# Finds a Python that will do, then hands over to bootstrap.py, which sets up what is missing.
for python in ${PYTHON:-python3} python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$(dirname "$0")/bootstrap.py" "$@"
    fi
done
echo "Concord needs Python 3.11 or newer: on Debian or Ubuntu install it with 'apt-get install python3 python3-venv'," \
     "or name one with 'make PYTHON=/path/to/python3'." >&2
exit 1
