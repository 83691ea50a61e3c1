#!/bin/sh
# Create Boardsync's database and its role, as the secret `store_url` names them. May run any number of times.
set -eu

PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD

# postgresql://ROLE:PASSWORD@HOST/DATABASE
url=$(cat /run/secrets/store_url)
account=${url#*://}
account=${account%@*}
role=${account%%:*}
password=${account#*:}
database=${url##*/}
database=${database%%\?*}

if [ "$role" = "$PGUSER" ] || [ "$role" = "$account" ]; then
  echo "store_url: expected postgresql://ROLE:PASSWORD@HOST/DATABASE with another role than $PGUSER" >&2
  exit 1
fi

# Nobody but their owners opens a database, Temporal's included: the gateways know this role's password, and no other.
# On standard input, so that the password is in no list of processes; a changed one is taken over.
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres <<SQL
\set role '$role'
\set password '$password'
\set database '$database'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', datname) FROM pg_database WHERE datallowconn \gexec
SQL
