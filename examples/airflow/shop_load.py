"""Loads every night at two, for Airflow 3. Put this file into the folder of DAGs.

The workers need tap-postgres and target-postgres (a wheel or the binary) in their PATH, the files of examples/compose/config in
CONFIG, a folder that outlives a task in STATE, and the passwords in TAP_POSTGRES_PASSWORD and TARGET_POSTGRES_PASSWORD.
"""

import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

# With pipefail the task fails if the tap or target-postgres fails. A task that is tried again starts from the saved bookmark.
LOAD = r"""
set -euo pipefail
bookmark=()
if [[ -s $STATE/state.json ]]; then bookmark=(--state "$STATE/state.json"); fi
tap-postgres --config "$CONFIG/tap.json" --config ENV --catalog "$CONFIG/catalog.json" "${bookmark[@]}" |
  target-postgres --config "$CONFIG/target.json" --config ENV \
    --state-file "$STATE/state.json" --summary "$STATE/summary.json" >/dev/null
"""

with DAG(
    dag_id="shop_load",
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # two runs must not read one bookmark
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
):
    check = BashOperator(
        task_id="check",
        bash_command='target-postgres check --exit-code --config "$CONFIG/target.json" --config ENV',
        env={"CONFIG": os.environ.get("CONFIG", "/config")},
        append_env=True,
    )
    load = BashOperator(
        task_id="load",
        bash_command=LOAD,
        env={"CONFIG": os.environ.get("CONFIG", "/config"), "STATE": os.environ.get("STATE", "/state")},
        append_env=True,
        # Airflow ends a task with SIGTERM: target-postgres commits what it has read and saves its STATE.
        execution_timeout=timedelta(hours=4),
    )
    check >> load
