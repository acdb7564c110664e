# shellcheck shell=bash disable=SC2034,SC2016
# What the scripts beside this file ask of GitHub.
COMMENT_PLACE=github
SUMMARY_PLACE=github-summary
ANNOTATIONS=github
APPLY_NAME='the workflow "scimform apply"'
BOT=${SCIMFORM_BOT:-github-actions[bot]}
STATUS=scimform/plan
BRANCH=${GITHUB_REF_NAME:-}

stop() { printf '::error::%s\n' "$1" >&2; exit 1; }
private_folder() { (umask 077 && mkdir -p "$RUNNER_TEMP/scimform" && echo "$RUNNER_TEMP/scimform"); }
add_to_path() { echo "$1" >>"$GITHUB_PATH"; }
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }
summary() { cat "$1" >>"$GITHUB_STEP_SUMMARY"; }
# What a name in it says is no command to the runner.
show_log() {
  local word
  word=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
  printf '::stop-commands::%s\n' "$word"
  cat "$1"
  printf '::%s::\n' "$word"
}
# Whether this is a run that somebody started again.
may_be_old() { [ "${GITHUB_RUN_ATTEMPT:-1}" != 1 ]; }
run_url() { echo "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"; }
is_private() { [ "$(jq -r .repository.private "$GITHUB_EVENT_PATH")" = true ]; }
head_revision() { jq -r '.pull_request.head.sha // empty' "$GITHUB_EVENT_PATH"; }

git_login() {
  [ -n "${SCIMFORM_API_TOKEN:-}" ] || return 0
  printf '[http "%s/"]\n\textraheader = AUTHORIZATION: basic %s\n' "$GITHUB_SERVER_URL" \
    "$(printf 'x-access-token:%s' "$SCIMFORM_API_TOKEN" | base64 | tr -d '\n')"
}

# api METHOD PATH [BODY]: the answer. The token is not in the arguments, where other processes could see it.
api() {
  local arguments=(--silent --show-error --fail-with-body --max-time 60 --request "$1" --config -)
  [ "$1" != GET ] || arguments+=(--retry 3)
  [ -z "${3:-}" ] || arguments+=(--data "@$3")
  printf 'header = "Authorization: Bearer %s"\nheader = "Accept: application/vnd.github+json"\nheader = "X-GitHub-Api-Version: 2022-11-28"\n' \
    "$SCIMFORM_API_TOKEN" | curl "${arguments[@]}" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2"
}

# every PATH: all pages of a list, one element a line.
every() {
  local page=1 answer
  while [ "$page" -le 100 ]; do
    answer=$(api GET "$1$([[ $1 = *\?* ]] && echo '&' || echo '?')per_page=100&page=$page") || return 1
    jq -c '.[]' <<<"$answer"
    [ "$(jq length <<<"$answer")" = 100 ] || return 0
    page=$((page + 1))
  done
}

# send METHOD PATH FILTER [FILE]: a body made by jq, `$text` being the file.
send() {
  local body
  body=$(private_folder)/body.json
  jq -n --rawfile text "${4:-/dev/null}" "$3" >"$body"
  api "$1" "$2" "$body" >/dev/null
}

# Our own comment is the one that we wrote: what others write that looks like it is left alone.
put_comment() {
  local number id
  number=$(jq -r .pull_request.number "$GITHUB_EVENT_PATH")
  id=$(every "issues/$number/comments" |
    jq -rs --arg bot "$BOT" '[.[] | select(.user.login == $bot and (.body | startswith("<!-- scimform:review ")))][0].id // empty')
  if [ -n "$id" ]; then send PATCH "issues/comments/$id" '{body: $text}' "$1"; else send POST "issues/$number/comments" '{body: $text}' "$1"; fi
}

# The digest stands in a status of the head commit. Unlike a comment, which whoever may write to the repository can edit,
# a status can't be changed, says who made it, and belongs to the very commit that was reviewed.
record_review() {
  local state=success
  [ "$3" = 0 ] || state=failure
  digest=$1 changes=$2 state=$state status=$STATUS url=$(run_url) send POST "statuses/$(head_revision)" \
    '{state: env.state, context: env.status, target_url: env.url, description: "digest \(env.digest), changes: \(env.changes)"}'
}

# The digest of the plan that was reviewed in the pull request whose merge made this commit; nothing where there is none.
reviewed_digest() {
  local head
  head=$(every "commits/$GITHUB_SHA/pulls" |
    jq -rs --arg sha "$GITHUB_SHA" --arg branch "$GITHUB_REF_NAME" --arg repository "$GITHUB_REPOSITORY" \
      '[.[] | select(.merged_at != null and .merge_commit_sha == $sha and .base.ref == $branch and .head.repo.full_name == $repository)][0].head.sha // empty') || return 1
  [ -n "$head" ] || return 0
  # The newest comes first, and only what our workflow made counts.
  every "commits/$head/statuses" |
    jq -rs --arg bot "$BOT" --arg status "$STATUS" '[.[] | select(.context == $status and .creator.login == $bot and .creator.type == "Bot")][0]
      | select(.state == "success") | .description | capture("^digest (?<digest>[0-9a-f]{32}), ").digest // empty'
}

own_issue() {
  every "issues?state=open" |
    jq -rs --arg bot "$BOT" '[.[] | select(.pull_request == null and .user.login == $bot and ((.body // "") | startswith("<!-- scimform:drift -->")))][0].number // empty'
}

put_issue() {
  local number
  number=$(own_issue)
  if [ -n "$number" ]; then send PATCH "issues/$number" '{body: $text}' "$1"; else
    send POST issues '{title: "scimform: drift at a target", body: $text}' "$1"
  fi
}

close_issue() {
  local number
  number=$(own_issue)
  [ -z "$number" ] || send PATCH "issues/$number" '{state: "closed", state_reason: "completed"}'
}
