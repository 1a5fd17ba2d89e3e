#!/bin/sh
# Runs a command of Usher as its service would: same account, folder, settings and secrets, taken from the unit itself.
#   sh deploy/usher-run.sh doctor
set -eu
[ $# -gt 0 ] || { echo 'usage: usher-run.sh COMMAND …, as in: usher-run.sh doctor' >&2; exit 2; }
unit=${USHER_UNIT:-/etc/systemd/system/usher.service}
[ -r "$unit" ] || { echo "$unit is not there: install the service first (docs/operations.md)." >&2; exit 2; }

usher=$(sed -n 's/^ExecStart=//p' "$unit")
settings='DynamicUser|User|StateDirectory|StateDirectoryMode|WorkingDirectory|UMask|EnvironmentFile|LoadCredential'
# One option a line; the unit's own lines hold no spaces.
options=$(sed -nE "s/^(($settings)=.*)/--property=\1/p" "$unit")
# shellcheck disable=SC2086  # to be split into words
exec systemd-run --quiet --collect --wait --pipe $options "$usher" "$@"
