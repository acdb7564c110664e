#!/usr/bin/env bash
# Puts `scimform` on the path: a binary that is there already (SCIMFORM_BINARY), or that of a release, its checksum
# verified. SCIMFORM_SHA256 pins the archive itself; without it the release's own list of checksums is taken, and where
# `gh` can be asked, the release's attestation as well.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/forge.sh"

folder=$(private_folder)/bin
mkdir -p "$folder"
if [ -n "${SCIMFORM_BINARY:-}" ]; then
  install -m 0755 "$SCIMFORM_BINARY" "$folder/scimform"
else
  version=${SCIMFORM_VERSION#v}
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([.+-][0-9A-Za-z.+-]+)?$ ]] || stop "\`$version\` is no version of scimform; write it as 1.2.3"
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=x86_64-unknown-linux-gnu ;;
    Linux-aarch64 | Linux-arm64) platform=aarch64-unknown-linux-gnu ;;
    Darwin-arm64) platform=aarch64-apple-darwin ;;
    *) stop "there is no release for $(uname -s) on $(uname -m); build it and give its path in SCIMFORM_BINARY" ;;
  esac
  archive=scimform-$platform.tar.gz
  from=${SCIMFORM_RELEASES:-https://github.com/scimform/scimform/releases/download}/v$version
  download=$(mktemp -d "$(private_folder)/download.XXXXXX")
  get() { curl --fail --silent --show-error --location --retry 3 --output "$download/$1" "$from/$1"; }
  get "$archive"
  if [ -n "${SCIMFORM_SHA256:-}" ]; then
    expected=$SCIMFORM_SHA256
  else
    get SHA256SUMS
    expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$download/SHA256SUMS")
  fi
  if command -v sha256sum >/dev/null; then found=$(sha256sum "$download/$archive"); else found=$(shasum -a 256 "$download/$archive"); fi
  [ "${found%% *}" = "${expected:-none}" ] || stop "$archive of $version is not what its checksum says"
  if [ -z "${SCIMFORM_SHA256:-}" ] && [ -n "${SCIMFORM_API_TOKEN:-}" ] && [ "${GITHUB_ACTIONS:-}" = true ] && command -v gh >/dev/null; then
    GH_TOKEN=$SCIMFORM_API_TOKEN gh attestation verify "$download/$archive" --repo scimform/scimform ||
      stop "$archive of $version was not built by scimform's release workflow"
  fi
  tar -xzf "$download/$archive" -C "$folder" scimform
  rm -rf "$download"
fi
env -u SCIMFORM_API_TOKEN "$folder/scimform" --version
add_to_path "$folder"
