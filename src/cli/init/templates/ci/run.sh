# shellcheck shell=bash
# Runs scimform so that nothing of what the scripts may do is in its environment: a changed file could name any variable
# of it as a secret. Git finds its login in a file that scimform's files can't name.
scimform_run() {
  local login exitcode=0
  login=$(private_folder)/gitconfig
  (umask 077 && git_login >"$login")
  env -u SCIMFORM_API_TOKEN -u GITHUB_TOKEN -u GH_TOKEN -u CI_JOB_TOKEN -u ACTIONS_RUNTIME_TOKEN \
    CI=true GIT_CONFIG_GLOBAL="$login" scimform "$@" || exitcode=$?
  rm -f "$login"
  return "$exitcode"
}

# What is withheld: in a repository that anyone can read, whatever names people.
redaction() {
  local asked=${SCIMFORM_REDACT:-}
  case $asked in
    none | values | names) echo "$asked" ;;
    '') if is_private; then echo none; else echo names; fi ;;
    *) stop "SCIMFORM_REDACT is none, values or names" ;;
  esac
}

# Cuts a page to so many bytes at the end of a line, and says so.
shorten() {
  [ "$(wc -c <"$1")" -le "$2" ] || {
    local open
    LC_ALL=C awk -v room="$(($2 - 1000))" '{ room -= length($0) + 1; if (room < 0) exit; print }' "$1" >"$1.cut"
    open=$(($(grep -c '<details' "$1.cut" || true) - $(grep -c '</details>' "$1.cut" || true)))
    while [ "$open" -gt 0 ]; do printf '\n</details>\n' >>"$1.cut"; open=$((open - 1)); done
    printf '\n**Cut here: too long for a comment.** All of it is in [the summary of the run](%s).\n' "$(run_url)" >>"$1.cut"
    mv "$1.cut" "$1"
  }
}
