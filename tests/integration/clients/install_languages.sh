#!/bin/sh
# What the printed sample programs and the webhook receivers are written in besides Python: Node, PHP with curl and
# SQLite, Go. Installed where that is ours to do (root, and apt), else said how. What is still absent afterwards is
# skipped, and the table says so.
set -u
wanted=""
command -v node >/dev/null && command -v npm >/dev/null || wanted="$wanted nodejs npm"
command -v php >/dev/null && php -m | grep -qx curl || wanted="$wanted php-cli php-curl"
php -m 2>/dev/null | grep -qx pdo_sqlite || wanted="$wanted php-sqlite3"
command -v go >/dev/null || wanted="$wanted golang-go"
[ -z "$wanted" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing$wanted ..."
  # shellcheck disable=SC2086  a list of words
  apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted >/dev/null && exit 0
fi
echo "not here:$wanted (names of Debian's packages). Install them to see every client: apt-get install$wanted" >&2
