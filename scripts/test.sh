#!/usr/bin/env bash
# The whole suite in two processes side by side, each in the order of the folders: what waits for a
# browser leaves a core to what counts. With arguments: pytest with these, alone.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/pipeline/bin/python
[ $# -eq 0 ] || exec "$python" -W ignore -m pytest "$@"

beside=(tests/{faults,golden,ingestion,judging,orchestration,quality,second_city,simulation,whole})
rest=()
for path in tests/*/ tests/test_*.py; do
  path=${path%/}
  [[ " ${beside[*]} " == *" $path "* || $path == *__pycache__ ]] || rest+=("$path")
done
log=$(mktemp)
trap 'kill "$other" 2>/dev/null || true; rm -f "$log"' EXIT
"$python" -W ignore -m pytest --durations=40 -p no:cacheprovider "${beside[@]}" >"$log" 2>&1 &
other=$!
failed=0
"$python" -W ignore -m pytest --durations=40 "${rest[@]}" || failed=$?
wait "$other" || failed=$?
echo "beside it: ${beside[*]}"
cat "$log"
exit "$failed"
