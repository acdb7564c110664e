#!/usr/bin/env bash
# Checks the files and shows what the change means, offline: no credentials, no network. Safe for anyone's changes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/forge.sh"
# shellcheck source=/dev/null
source "$here/run.sh"

exitcode=0
scimform_run validate --format "$ANNOTATIONS" || exitcode=$?
[ "$exitcode" = 0 ] || exit "$exitcode"
page=$(private_folder)/diff.md
scimform_run diff --base "$SCIMFORM_BASE" --format markdown --for "$SUMMARY_PLACE" >"$page" || exitcode=$?
summary "$page"
exit "$exitcode"
