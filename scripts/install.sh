#!/usr/bin/env bash
# Build the environments from the pinned files; an environment that is up to date is left alone.
# Usage: scripts/install.sh pipeline superset spark test lint docs notebooks bench load
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}
die() { echo "install: $*" >&2; exit 3; }
say() { echo "  … $*" >&2; }

[ -n "$PYTHON" ] || die "Python 3.11 is missing (Debian 12: apt-get install python3 python3-venv)"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
  || die "Python 3.11 is needed, $("$PYTHON" --version) was found; set PYTHON=/path/to/python3.11"
free_kib=$(df -Pk . | awk 'NR==2 {print $4}')
[ "$free_kib" -gt 4194304 ] || die "4 GiB of disk are needed here, $((free_kib / 1024)) MiB are free"

new_environment() {
  "$PYTHON" -m venv "$1" >/dev/null 2>&1 && return
  # Debian splits venv off; root may add it.
  rm -rf "$1"
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null \
    || die "the venv module is missing: apt-get install python3-venv"
  say "installing python3-venv"
  apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
  "$PYTHON" -m venv "$1" || die "no virtual environment could be made"
}

# environment NAME FILES...: (re)install when a requirement file changed since the last time.
environment() {
  local name=$1; shift
  local folder=.venv/$name wanted
  wanted=$(cat "$@" pyproject.toml | sha256sum | cut -d' ' -f1)
  [ "$(cat "$folder/.installed" 2>/dev/null || true)" = "$wanted" ] && return
  [ -x "$folder/bin/python" ] || { say "making the environment $name"; new_environment "$folder"; }
  if [ ! -x .venv/pipeline/bin/uv ]; then
    say "installing the installer"
    .venv/pipeline/bin/python -m pip install -q --disable-pip-version-check -r requirements/installer.txt \
      || die "the package registry could not be reached"
  fi
  say "installing the packages of $name"
  local files=(); local file; for file in "$@"; do files+=(-r "$file"); done
  # Compiled now, so that the first imports are not the slow ones (9 s to 3 s for dbt).
  UV_COMPILE_BYTECODE=1 .venv/pipeline/bin/uv pip install -q --python "$folder/bin/python" "${files[@]}" \
    || die "the packages of $name could not be installed"
  [ "$name" != pipeline ] || .venv/pipeline/bin/uv pip install -q --no-deps --python "$folder/bin/python" -e .
  echo "$wanted" > "$folder/.installed"
}

[ -d .venv/pipeline ] || { mkdir -p .venv; say "making the environment pipeline"; new_environment .venv/pipeline; }
# What was once added to the pipeline stays: `make up` must not take it out again.
added=()
for name in spark test; do
  for part in "$@"; do [ "$part" != $name ] || touch .venv/pipeline/.with-$name; done
  [ ! -e .venv/pipeline/.with-$name ] || added+=(requirements/$name.txt)
done
for part in "$@"; do
  case $part in
    pipeline) environment pipeline requirements/pipeline.txt ${added[@]+"${added[@]}"} ;;
    superset) environment superset requirements/superset.txt ;;
    lint) environment lint requirements/lint.txt ;;
    docs) environment docs requirements/docs.txt ;;
    notebooks) environment notebooks requirements/notebooks.txt ;;
    bench) environment bench requirements/bench.txt ;;
    load) environment load requirements/load.txt ;;
    spark | test) ;; # with the pipeline
    *) die "unknown environment $part" ;;
  esac
done
