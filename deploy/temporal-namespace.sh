#!/bin/sh
# Wait for the Temporal server, then create the namespace where it is missing. May run any number of times.
set -eu

attempts=60
wait_for() {
  until "$@" >/dev/null 2>&1; do
    attempts=$((attempts - 1))
    if [ "$attempts" -le 0 ]; then
      echo "gave up waiting for Temporal at $TEMPORAL_ADDRESS: $*" >&2
      exit 1
    fi
    sleep 2
  done
}

# An open port is not yet a server that answers.
wait_for temporal operator cluster health

if temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
  echo "namespace $NAMESPACE exists"
else
  # A closed lifecycle, which is the proof that a job is gone, is kept for this long.
  temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
fi

# The server knows a new namespace after a few seconds only; a worker that came sooner would be refused.
wait_for temporal workflow count --namespace "$NAMESPACE"
