#!/bin/sh
# Brings Airflow's own tables and pools in step with this folder; any number of times. Connections and variables are not used:
# tasks read the environment, as paycanary's commands do. AIRFLOW names the program, else the one on the path is taken.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
airflow="${AIRFLOW:-airflow}"
"$airflow" db migrate
exec "$airflow" pools import "$here/pools.json"
