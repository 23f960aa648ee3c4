#!/bin/sh
# Prints a Python that is new enough, or says what to install. PYTHON=/path/to/python chooses one.
set -eu
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$candidate"
            exit 0
        fi
        without_venv=$candidate
    fi
done
if [ -n "${without_venv:-}" ]; then
    echo "$without_venv cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
else
    echo "paycanary needs Python 3.11 or newer, and none of python3, python3.13, python3.12, python3.11 is." >&2
    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)," >&2
    echo "or name yours: make demo PYTHON=/path/to/python3.13" >&2
fi
exit 1
