#!/bin/sh
# In the place of the server's entry point: needs what the real one needs, then runs the dev server. Nothing is synchronised to
# the disk: containers die here, the machine does not.
set -eu
[ "$DB" = postgres12 ] && [ "$BIND_ON_IP" = 0.0.0.0 ] && [ -r "$DYNAMIC_CONFIG_FILE_PATH" ] && [ -n "$NUM_HISTORY_SHARDS" ]
for database in temporal temporal_visibility; do
  PGPASSWORD="$POSTGRES_PWD" psql -q -tA -h "$POSTGRES_SEEDS" -p "$DB_PORT" -U "$POSTGRES_USER" -d "$database" \
    -c "SELECT curr_version FROM schema_version" | grep -q .
done
exec temporal server start-dev --ip "$BIND_ON_IP" --ui-port 8233 --db-filename /var/lib/standin/temporal.db \
  --sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=off --log-level "$LOG_LEVEL" --dynamic-config-value matching.enableFairness=true
