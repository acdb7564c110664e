#!/usr/bin/env bash
# Applies what was reviewed, and nothing else: the plan made now must have the digest of the one that was reviewed. On a
# push that digest is looked up (forge.sh says where); a run that somebody starts by hand gives it in SCIMFORM_EXPECT.
# Without a digest it only plans, and ends with 3 where something would change.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/forge.sh"
# shellcheck source=/dev/null
source "$here/run.sh"

# An old run started again must not bring back what was reviewed long ago and undone since: its digest may fit once more.
if may_be_old; then
  tip=$(with_login git ls-remote origin "refs/heads/$BRANCH") || stop "the newest commit of $BRANCH could not be looked up"
  [ "${tip%%[[:space:]]*}" = "$(git rev-parse HEAD)" ] || stop "this run is of an older commit than the newest of $BRANCH; nothing was done. Start a new run"
fi

folder=$(private_folder)
redact=$(redaction)
more=()
if [ -n "${SCIMFORM_CONFIRM_REMOVALS:-}" ]; then
  [[ $SCIMFORM_CONFIRM_REMOVALS =~ ^[0-9]{1,9}$ ]] || stop "the number of removals to confirm is no number"
  more+=(--confirm-removals "$SCIMFORM_CONFIRM_REMOVALS")
fi

# What would be done now, and how to have it done after a look at it.
show() {
  local exitcode=0
  rm -f "$folder/plan.json"
  scimform_run plan "${more[@]+"${more[@]}"}" --redact "$redact" --detailed-exitcode --out "$folder/plan.json" \
    --format markdown --for "$SUMMARY_PLACE" >"$folder/plan.md" || exitcode=$?
  if [ -s "$folder/plan.json" ]; then
    digest=$(jq -r .digest "$folder/plan.json")
    # shellcheck disable=SC2016 # Markdown, no command
    [ "$exitcode" = 0 ] || printf '\n**Not applied: %s.** After a look at the plan above, run %s by hand with `expect` = `%s`%s.\n' \
      "$1" "$APPLY_NAME" "$digest" "$([ "$exitcode" != 3 ] || echo ', and what the limit above asks for')" >>"$folder/plan.md"
  fi
  summary "$folder/plan.md"
  return "$exitcode"
}

digest=${SCIMFORM_EXPECT:-}
why="no digest was given"
if [ -z "$digest" ] && [ "${SCIMFORM_BY_HAND:-false}" != true ]; then
  digest=$(reviewed_digest) || stop "the reviewed plan could not be looked up"
  why="no reviewed plan was found for this commit"
fi
if [ -z "$digest" ]; then
  exitcode=0
  show "$why" || exitcode=$?
  case $exitcode in
    0) echo "Nothing to do." ;;
    2 | 3) echo "error: $why; the summary of this run has the plan and the way out" >&2; exitcode=3 ;;
  esac
  exit "$exitcode"
fi
[[ $digest =~ ^[0-9a-f]{32}$ ]] || stop "a digest has 32 characters of 0-9 and a-f"
[ "${SCIMFORM_FIRST_RUN:-false}" != true ] || first=(--first-run)

exitcode=0
scimform_run apply --auto-approve --expect "$digest" "${more[@]+"${more[@]}"}" "${first[@]+"${first[@]}"}" \
  --lock-timeout 10m --redact "$redact" >"$folder/applied.txt" 2>&1 || exitcode=$?
show_log "$folder/applied.txt"
{
  if [ "$exitcode" = 0 ]; then printf '## scimform apply: done\n\n'; else printf '## scimform apply: ended with %s\n\n' "$exitcode"; fi
  # Indented, so that no name in it can be markup.
  sed 's/^/    /' "$folder/applied.txt"
} >"$folder/applied.md"
shorten "$folder/applied.md" 900000
summary "$folder/applied.md"
if [ "$exitcode" = 3 ]; then
  if show "the plan is not as it was reviewed, or a limit stands against it"; then
    echo "Nothing is left to do."
    exitcode=0
  fi
fi
exit "$exitcode"
