#!/bin/sh
# In the place of temporal-sql-tool: takes the options that deploy/temporal-schema.sh gives, refuses others.
set -eu
[ "$1 $2" = "--plugin postgres12" ] && [ "$3" = --ep ] && [ "$5" = -p ] && [ "$7" = -u ] && [ "$9" = --db ]
host=$4; port=$6; user=$8; shift 9; database=$1; command=$2; shift 2
export PGPASSWORD="$SQL_PASSWORD"
query() { psql -q -v ON_ERROR_STOP=1 -tA -h "$host" -p "$port" -U "$user" -d "$1" -c "$2"; }
case "$command" in
  create)
    [ "$(query postgres "SELECT 1 FROM pg_database WHERE datname = '$database'")" = 1 ] || query postgres "CREATE DATABASE $database" ;;
  setup-schema)
    [ "$*" = "-v 0.0" ]
    query "$database" "CREATE TABLE IF NOT EXISTS schema_version (db_name text PRIMARY KEY, curr_version text)" ;;
  update-schema)
    [ "$1" = -d ] && [ -d "$2" ]
    query "$database" "INSERT INTO schema_version VALUES ('$database', 'stand-in') ON CONFLICT DO NOTHING" ;;
  *) echo "unknown command $command" >&2; exit 1 ;;
esac
