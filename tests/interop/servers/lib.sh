# Shared by the start scripts. A start script installs one pinned SCIM server below the cache when it is missing,
# starts it on 127.0.0.1 with an empty store, prints three lines (`version`, `url`, `token`) and `ready`, and
# stays until it is told to stop (SIGTERM).
set -euo pipefail

cache=${SCIMFORM_INTEROP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/scimform-interop}
port=${1:?usage: $0 PORT}
token=interop-$(printf '%s' "$0" | cksum | cut -d' ' -f1)-0123456789abcdef0123456789abcdef

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

# python_server DIR PACKAGE... : a virtual environment of its own with exactly these packages.
python_server() {
  local dir=$1; shift
  local stamp; stamp=$(printf '%s\n' "$@" | cksum | cut -d' ' -f1)
  [ -e "$dir/.installed-$stamp" ] && return
  rm -rf "$dir"
  python3 -m venv "$dir" || fail "python3 -m venv failed: install Python 3.10 or later with its venv module"
  "$dir/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 || fail "pip could not install $*"
  touch "$dir/.installed-$stamp"
}

# node_server DIR PACKAGE... : a folder of its own with exactly these packages.
node_server() {
  local dir=$1; shift
  local stamp; stamp=$(printf '%s\n' "$@" | cksum | cut -d' ' -f1)
  [ -e "$dir/.installed-$stamp" ] && return
  command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or later"
  rm -rf "$dir"; mkdir -p "$dir"
  echo '{"private":true,"type":"module"}' >"$dir/package.json"
  (cd "$dir" && npm install --silent --no-audit --no-fund --ignore-scripts "$@" >&2) || fail "npm could not install $*"
  touch "$dir/.installed-$stamp"
}

# serve URL VERSION COMMAND... : starts it, waits until it answers, says so, stays.
serve() {
  local url=$1 version=$2; shift 2
  local log; log=$(mktemp)
  "$@" >"$log" 2>&1 &
  local server=$!
  trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -f "$log"' EXIT
  trap 'exit 0' INT TERM
  for _ in $(seq 200); do
    if curl -fs -o /dev/null -H "Authorization: Bearer $token" "$url/Users?startIndex=1&count=1"; then
      printf 'version %s\nurl %s\ntoken %s\nready\n' "$version" "$url" "$token"
      wait $server
      return
    fi
    kill -0 $server 2>/dev/null || { cat "$log" >&2; fail "it stopped at once"; }
    sleep 0.2
  done
  cat "$log" >&2
  fail "it did not answer within 40 seconds"
}
