#!/usr/bin/env bash
# Looks for what moved at the targets outside the repository, and keeps one issue about it: opened, updated, closed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/forge.sh"
# shellcheck source=/dev/null
source "$here/run.sh"

folder=$(private_folder)
page=$folder/drift.md
exitcode=0
scimform_run drift --detailed-exitcode --format markdown --for "$COMMENT_PLACE" >"$page" || exitcode=$?
case $exitcode in
  0 | 2) [ "$(redaction)" != none ] || summary "$page" ;;
  *) exit "$exitcode" ;;
esac
if [ "$exitcode" = 0 ]; then
  close_issue
else
  {
    printf '<!-- scimform:drift -->\n'
    if [ "$(redaction)" = none ]; then
      cat "$page"
    else
      # Whoever can read this repository can read its issues.
      # shellcheck disable=SC2016 # Markdown, no command
      printf 'Something moved at a target outside this repository. Run `scimform drift` to see what.\n'
    fi
    printf '\nLooked at by [this run](%s). To undo it, apply again; to keep it, take it into the files.\n' "$(run_url)"
  } >"$folder/issue.md"
  put_issue "$folder/issue.md"
fi
