#!/usr/bin/env bash
# Loads what is new in the source. The settings are in $CONFIG; $STATE keeps the bookmark and a report of the last run.
# With pipefail the script fails if the tap or target-postgres fails.
set -euo pipefail
config=${CONFIG:-/config} state=${STATE:-/state}

bookmark=()
if [[ -s $state/state.json ]]; then bookmark=(--state "$state/state.json"); fi

tap-postgres --config "$config/tap.json" --config ENV --catalog "$config/catalog.json" "${bookmark[@]}" |
  target-postgres --config "$config/target.json" --config ENV \
    --state-file "$state/state.json" --summary "$state/summary.json" >/dev/null
