#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Starts and stops private database servers for tests: on loopback, in a folder of their own, as an ordinary user, without systemd.
#
#   scripts/services.sh postgresql up DIR PORT [NAME=VALUE]...   prints the server's URL; settings are the server's
#   scripts/services.sh postgresql down DIR [fast|immediate]     immediate: as if it had crashed
#
# `up` on the folder of a stopped server starts it again with its data. Missing packages are installed with apt-get by root; anyone
# else is told their names. `down` ends nothing but the server that `up` started there.
set -eu
die() {
  echo "services.sh: $*" >&2
  exit 1
}
usage='usage: services.sh postgresql up DIR PORT [NAME=VALUE]... | postgresql down DIR [fast|immediate]'
service=${1:-} action=${2:-} dir=${3:-}
[ "$service" = postgresql ] && [ -n "$action" ] && [ -n "$dir" ] || die "$usage"
shift 3

bin() {
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    [ -x "$folder/postgres" ] && echo "$folder" && return
  done
  command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/postgres" ] && pg_config --bindir
  return 0
}

install_postgresql() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die 'there is no PostgreSQL server; install the package postgresql'
  # The packages would start servers of their own. With a pooler as well: tests put one between.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql pgbouncer; } >&2
}

# PostgreSQL refuses to run as root.
as_user() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" "$@"
  else
    "$@"
  fi
}

case $action in
  up)
    port=${1:-}
    [ -n "$port" ] || die "$usage"
    shift
    [ -n "$(bin)" ] || install_postgresql
    bin=$(bin)
    [ -n "$bin" ] || die 'PostgreSQL was installed, but there is no server program'
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    if [ ! -s "$dir/data/PG_VERSION" ]; then
      rm -rf "$dir/data"
      mkdir -p "$dir/socket"
      (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password")
      if [ "$(id -u)" = 0 ]; then chown postgres "$dir" "$dir/socket" "$dir/password"; fi
      as_user "$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 \
        --no-sync >"$dir/initdb.log" 2>&1 || die "initdb failed: see $dir/initdb.log"
    fi
    settings="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$dir/socket' -c fsync=off"
    for setting in "$@"; do settings="$settings -c $setting"; done
    as_user "$bin/pg_ctl" start -w -t 60 -D "$dir/data" -l "$dir/data/server.log" -o "$settings" >&2 ||
      die "the server did not start: see $dir/data/server.log"
    echo "postgresql://postgres:$(cat "$dir/password")@127.0.0.1:$port/postgres"
    ;;
  down)
    [ -s "$dir/data/postmaster.pid" ] || exit 0
    as_user "$(bin)/pg_ctl" stop -w -t 60 -D "$dir/data" -m "${1:-fast}" >&2
    ;;
  *) die "$usage" ;;
esac
