#!/usr/bin/env bash
# The whole suite: groups of folders, each a pytest of its own, as many at a time as there are cores
# (or JOBS); the longest first, so that all end at about the same time. In a group are folders that share what is dear to
# make. With arguments: pytest with these, alone.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/pipeline/bin/python
[ $# -eq 0 ] || exec "$python" -W ignore -m pytest "$@"

groups=(
  "dashboards"                         # one Superset, one browser
  "whole"                              # one whole city
  "golden judging explain"             # one golden city
  "celery_workers"
  "alert orchestration"                # one computed home
  "ingestion"
  "object_store connectors attacks"    # servers
  "faults"
  "second_city"
)
left=() # folders that no group names, and what lies beside the folders
for path in tests/*/ tests/test_*.py; do
  name=$(basename "$path")
  [[ " ${groups[*]} " == *" $name "* || $name == __pycache__ ]] || left+=("$name")
done

work=$(mktemp -d)
export FENGQIAO_DBT_PARSED=$work/parsed # all use the dbt project that the first one parsed
declare -A log_of=()
trap 'kill "${!log_of[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
failed=0 red=()

finish() { # wait for any group, print what it said
  local pid='' code=0
  wait -n -p pid || code=$?
  [ "$code" -eq 0 ] || { failed=$code; red+=("${log_of[$pid]##*/}"); }
  echo "== ${log_of[$pid]##*/} (ended after $SECONDS s of the suite, exit $code)"
  cat "${log_of[$pid]}"
  unset "log_of[$pid]"
}

for group in "${groups[@]}" "${left[*]}"; do
  [ "${#log_of[@]}" -lt "${JOBS:-$(nproc)}" ] || finish
  read -ra names <<<"$group"
  "$python" -W ignore -m pytest --durations=25 --durations-min=3 -p no:cacheprovider \
    "${names[@]/#/tests/}" >"$work/$group" 2>&1 &
  log_of[$!]=$work/$group
done
while [ "${#log_of[@]}" -gt 0 ]; do finish; done
[ "$failed" -eq 0 ] || printf 'failed: %s\n' "${red[@]}"
exit "$failed"
