#!/usr/bin/env bash
# Plans with read credentials, shows the plan, and keeps one comment on the pull request up to date. Outputs: digest,
# changes, exitcode. Never writes to a target.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/forge.sh"
# shellcheck source=/dev/null
source "$here/run.sh"

folder=$(private_folder)
page=$folder/plan.md
rm -f "$folder/plan.json"
whole=()
[ "${SCIMFORM_KEEP_PLAN:-}" != true ] || whole=(--full-at "$(run_url)")
exitcode=0
scimform_run plan --redact "$(redaction)" --out "$folder/plan.json" --format markdown --for "$COMMENT_PLACE" \
  "${whole[@]+"${whole[@]}"}" >"$page" || exitcode=$?
output exitcode "$exitcode"
if [ ! -s "$folder/plan.json" ] || [ ! -s "$page" ]; then
  # Not planned at all: what stood here is true no longer, and the log says why.
  printf '## scimform plan: failed\n\nThere is no plan; [the log](%s) says why.\n' "$(run_url)" >"$page"
  digest=none changes=0
else
  digest=$(jq -r .digest "$folder/plan.json")
  changes=$(jq '[.targets[].summary.actions[]?] | add // 0' "$folder/plan.json")
fi
output digest "$digest"
output changes "$changes"
summary "$page"
if [ "${SCIMFORM_COMMENT:-true}" = true ]; then
  {
    printf '<!-- scimform:review %s %s %s -->\n' "$(head_revision)" "$digest" "$exitcode"
    cat "$page"
  } >"$folder/comment.md"
  put_comment "$folder/comment.md"
  [ "$digest" = none ] || record_review "$digest" "$changes" "$exitcode"
fi
exit "$exitcode"
