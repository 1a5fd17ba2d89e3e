#!/bin/sh
# Makes deploy/secrets, a file for each secret that compose.yaml mounts, and deploy/.env. What is there already is kept.
#
# The folder can be entered by you alone; the files in it can be read by anybody who is in. So nobody else on this machine
# gets at them, and the container, into which each file is mounted by itself, can read them as its own account.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

keep() { # name: the secret comes by standard input
    if [ -s "secrets/$1" ]; then
        cat >/dev/null
        echo "secrets/$1 is kept as it is."
        return
    fi
    cat >"secrets/.new"
    [ -s secrets/.new ] || { rm -f secrets/.new; echo "Nothing was given for $1; run this again." >&2; exit 1; }
    chmod 444 secrets/.new
    mv secrets/.new "secrets/$1"
    echo "secrets/$1 is made."
}

ask() { # name, what it is: not shown while it is typed
    [ -s "secrets/$1" ] || printf '%s: ' "$2" >&2
    if [ -s "secrets/$1" ]; then value=''; elif [ -t 0 ]; then
        trap 'stty echo' EXIT INT TERM
        stty -echo; IFS= read -r value; stty echo
        trap - EXIT INT TERM
        echo >&2
    else IFS= read -r value || true; fi
    printf '%s' "$value" | keep "$1"
}

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

if [ ! -s .env ]; then
    : "${USHER_HOST:?is needed: the name that guests see, as in USHER_HOST=usher.example.org sh $0}"
    printf '# Settings that are no secret; see ../.env.example.\nUSHER_HOST=%s\n' "$USHER_HOST" >.env
fi
ask slack_bot_token 'Bot token (xoxb-…, from “OAuth & Permissions” of your Slack app)'
ask slack_app_token 'App-level token (xapp-…, from “Basic Information”)'
ask gemini_api_key 'Gemini API key'
random | keep secret_key
random | tr -d '=' | keep database_password
printf 'postgresql+asyncpg://usher:%s@database/usher' "$(cat secrets/database_password)" | keep database_url
echo 'Keep a copy of secrets/secret_key in another place than the backups: without it they cannot be opened.'
