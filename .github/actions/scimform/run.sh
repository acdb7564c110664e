# shellcheck shell=bash
# Runs scimform so that nothing of what the scripts may do is in its environment: a changed file could name any variable
# of it as a secret. Git finds its login in a file that scimform's files can't name.
scimform_run() { with_login scimform "$@"; }
with_login() {
  local login exitcode=0
  login=$(private_folder)/gitconfig
  (umask 077 && git_login >"$login")
  env -u SCIMFORM_API_TOKEN -u GITHUB_TOKEN -u GH_TOKEN -u CI_JOB_TOKEN -u ACTIONS_RUNTIME_TOKEN \
    CI=true GIT_CONFIG_GLOBAL="$login" "$@" || exitcode=$?
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

# Cuts a text to so many bytes at the end of a line, and says so.
shorten() {
  [ "$(wc -c <"$1")" -gt "$2" ] || return 0
  LC_ALL=C awk -v room="$(($2 - 200))" '{ room -= length($0) + 1; if (room < 0) exit; print }' "$1" >"$1.cut"
  printf '\n**Cut here.** All of it is in [the log](%s).\n' "$(run_url)" >>"$1.cut"
  mv "$1.cut" "$1"
}
