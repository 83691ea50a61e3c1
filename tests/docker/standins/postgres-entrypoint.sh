#!/bin/bash
# Fill an empty volume, then serve. Knows of the official image's variables what docker-compose.yml uses.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  chmod 700 "$PGDATA"
  export PGPASSWORD; PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$PGPASSWORD") >/dev/null
  printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start >/dev/null
  export PGUSER=$POSTGRES_USER
  psql -v ON_ERROR_STOP=1 -d postgres -q -c "CREATE DATABASE \"${POSTGRES_DB:-$POSTGRES_USER}\""
  for script in /docker-entrypoint-initdb.d/*.sh; do
    # As there: what may be executed is executed, the rest is read by this shell.
    if [ -x "$script" ]; then "$script"; elif [ -e "$script" ]; then . "$script"; fi
  done
  pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
  unset PGPASSWORD
fi
exec "$@" -c listen_addresses='*'
