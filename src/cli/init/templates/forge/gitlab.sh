# shellcheck shell=bash disable=SC2034,SC2016
# What the scripts beside this file ask of GitLab.
COMMENT_PLACE=gitlab
SUMMARY_PLACE='file'
ANNOTATIONS=human
APPLY_NAME='a pipeline for the default branch'
BRANCH=${CI_COMMIT_BRANCH:-}

stop() { printf 'error: %s\n' "$1" >&2; exit 1; }
private_folder() { (umask 077 && mkdir -p "$CI_BUILDS_DIR/scimform-$CI_JOB_ID" && echo "$CI_BUILDS_DIR/scimform-$CI_JOB_ID"); }
add_to_path() { export PATH="$1:$PATH"; }
output() { printf '%s: %s\n' "$1" "$2"; }
summary() { cat "$1"; }
show_log() { cat "$1"; }
# A job that was started again can't be told from its first run.
may_be_old() { true; }
run_url() { echo "$CI_JOB_URL"; }
is_private() { [ "${CI_PROJECT_VISIBILITY:-public}" != public ]; }
head_revision() { echo "${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}"; }

# The job's own token can't push, so that the ledger goes through the project's token.
git_login() {
  [ -n "${SCIMFORM_API_TOKEN:-}" ] || return 0
  local to=$CI_SERVER_URL/$CI_PROJECT_PATH.git
  git remote set-url origin "$to"
  printf '[http "%s"]\n\textraheader = Authorization: Basic %s\n' "$to" \
    "$(printf 'scimform:%s' "$SCIMFORM_API_TOKEN" | base64 | tr -d '\n')"
}

# api METHOD PATH [BODY]: the answer. The token is not in the arguments, where other processes could see it.
api() {
  local arguments=(--silent --show-error --fail-with-body --max-time 60 --request "$1" --config -)
  [ "$1" != GET ] || arguments+=(--retry 3)
  [ -z "${3:-}" ] || arguments+=(--header "Content-Type: application/json" --data "@$3")
  printf 'header = "PRIVATE-TOKEN: %s"\n' "$SCIMFORM_API_TOKEN" | curl "${arguments[@]}" "$CI_API_V4_URL/$2"
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
  api "$1" "projects/$CI_PROJECT_ID/$2" "$body" >/dev/null
}

# Whom the project's token stands for: what anyone else writes does not count.
self() { api GET user | jq -r .id; }

# own_notes MERGE_REQUEST: our own notes with a review.
own_notes() {
  local self
  self=$(self) || return 1
  every "projects/$CI_PROJECT_ID/merge_requests/$1/notes?sort=asc" |
    jq -c --argjson self "$self" 'select(.author.id == $self and (.body | startswith("<!-- scimform:review ")))'
}

put_comment() {
  local id
  id=$(own_notes "$CI_MERGE_REQUEST_IID" | jq -rs '.[0].id // empty')
  if [ -n "$id" ]; then send PUT "merge_requests/$CI_MERGE_REQUEST_IID/notes/$id" '{body: $text}' "$1"; else
    send POST "merge_requests/$CI_MERGE_REQUEST_IID/notes" '{body: $text}' "$1"
  fi
}

# The note's first line holds the digest and the commit; nobody but its author and maintainers can edit it.
record_review() { :; }

# The digest of the plan that was reviewed in the merge request whose merge made this commit; nothing where there is none.
reviewed_digest() {
  local request number head
  request=$(every "projects/$CI_PROJECT_ID/repository/commits/$CI_COMMIT_SHA/merge_requests" |
    jq -cs --arg sha "$CI_COMMIT_SHA" --arg branch "$CI_COMMIT_BRANCH" --argjson project "$CI_PROJECT_ID" \
      '[.[] | select(.state == "merged" and .target_branch == $branch and .source_project_id == $project
        and (.merge_commit_sha == $sha or .squash_commit_sha == $sha or .sha == $sha))][0] // empty') || return 1
  [ -n "$request" ] || return 0
  number=$(jq -r .iid <<<"$request") head=$(jq -r .sha <<<"$request")
  own_notes "$number" | jq -rs --arg head "$head" '.[0].body // "" | split("\n")[0]
    | capture("^<!-- scimform:review (?<head>[0-9a-f]+) (?<digest>[0-9a-f]{32}) 0 -->$") | select(.head == $head).digest // empty'
}

own_issue() {
  local self
  self=$(self) || return 1
  every "projects/$CI_PROJECT_ID/issues?state=opened&author_id=$self" |
    jq -rs --argjson self "$self" '[.[] | select(.author.id == $self and ((.description // "") | startswith("<!-- scimform:drift -->")))][0].iid // empty'
}

put_issue() {
  local number
  number=$(own_issue)
  if [ -n "$number" ]; then send PUT "issues/$number" '{description: $text}' "$1"; else
    send POST issues '{title: "scimform: drift at a target", description: $text, confidential: true}' "$1"
  fi
}

close_issue() {
  local number
  number=$(own_issue)
  [ -z "$number" ] || send PUT "issues/$number" '{state_event: "close"}'
}
