#!/usr/bin/env bash
# A bill of materials (CycloneDX 1.6, JSON) of each environment that is installed, in build/sbom/.
# Usage: scripts/sbom.sh [ENVIRONMENT...]; all of them when left out.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/sbom
pids=()
[ $# -gt 0 ] || set -- pipeline superset docs notebooks
for name in "$@"; do
  [ -x ".venv/$name/bin/python" ] || continue
  .venv/lint/bin/cyclonedx-py environment --output-reproducible --of JSON --pyproject pyproject.toml \
    -o "build/sbom/$name.cdx.json" ".venv/$name/bin/python" &
  pids+=($!)
done
for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid"; done
ls build/sbom/*.cdx.json
