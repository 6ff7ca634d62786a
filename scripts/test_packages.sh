#!/usr/bin/env bash
# What the tests need from Debian: a browser, Chinese fonts, Java for Spark, and the counterparts of
# the connectors and workers (two databases, an SSH server, Redis; the tests start their own on free ports). Root
# installs them; anybody else is told, and only the tests that need them fail, by name.
set -uo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
[ "$(fc-list 2>/dev/null | grep -ci "noto.*cjk")" -gt 0 ] || missing+=(fontconfig fonts-noto-cjk)
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
[ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
[ -x /usr/sbin/sshd ] || missing+=(openssh-server)
command -v redis-server >/dev/null || missing+=(redis-server)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "  … installing ${missing[*]}" >&2
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null && exit 0
fi
echo "tests that need ${missing[*]} will fail; install them with: apt-get install ${missing[*]}" >&2
