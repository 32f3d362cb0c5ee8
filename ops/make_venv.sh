#!/bin/sh
# A virtual environment from a hashed lock file: make_venv.sh PYTHON FOLDER LOCK
set -eu
python=$1 folder=$2 lock=$3
name=$(basename "$folder")
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Facegate needs Python 3.11 or newer; '$python' is not. Say which: make PYTHON=/path/to/python3.12" >&2; exit 2; }
"$python" -c 'import venv, ensurepip' 2>/dev/null || {
  echo "'$python' lacks the venv module. On Debian: apt-get install python3-venv" >&2; exit 2; }
echo "installing $name ($(grep -c '==' "$lock") packages, once) ..."
rm -rf "$folder"
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" || {
  echo "pip could not install $lock: is the package index reachable? Nothing else was changed; run the same again." >&2; exit 2; }
