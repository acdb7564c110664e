# Shared by the start scripts of object stores. Each installs one pinned server below the cache when it is missing,
# starts it on 127.0.0.1 with an empty store and one bucket, prints `version`, `url` (the ledger's), an `env` line per
# variable that its client needs, and `ready`, and stays until it is told to stop (SIGTERM).
# shellcheck source=../../interop/servers/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../interop/servers/lib.sh"

# store VERSION URL COMMAND... : starts it, waits until it listens, runs the function `bucket`, says `settings`, stays.
store() {
  local version=$1 url=$2; shift 2
  local log; log=$(mktemp)
  "$@" >"$log" 2>&1 &
  local server=$!
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -f '$log'" EXIT
  trap 'exit 0' INT TERM
  for _ in $(seq 200); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/"; then
      bucket || { cat "$log" >&2; fail "it made no bucket"; }
      printf 'version %s\nurl %s\n' "$version" "$url"
      printf 'env %s\n' "${settings[@]}"
      echo ready
      wait $server
      return
    fi
    kill -0 $server 2>/dev/null || { cat "$log" >&2; fail "it stopped at once"; }
    sleep 0.2
  done
  cat "$log" >&2
  fail "it did not answer within 40 seconds"
}
