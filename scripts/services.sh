#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Starts and stops private database servers for tests: on loopback, in a folder of their own, as an ordinary user, without systemd.
#
#   scripts/services.sh postgresql|mariadb up DIR PORT [NAME=VALUE]...   prints the server's URL; settings are the server's
#   scripts/services.sh postgresql|mariadb down DIR [fast|immediate]     immediate: as if it had crashed
#
# `up` on the folder of a stopped server starts it again with its data. Missing packages are installed with apt-get by root; anyone
# else is told their names. `down` ends nothing but the server that `up` started there.
set -eu
die() {
  echo "services.sh: $*" >&2
  exit 1
}
usage='usage: services.sh postgresql|mariadb up DIR PORT [NAME=VALUE]... | postgresql|mariadb down DIR [fast|immediate]'
service=${1:-} action=${2:-} dir=${3:-}
case $service in
  postgresql) owner=postgres ;;
  mariadb) owner=mysql ;;
  *) die "$usage" ;;
esac
[ -n "$action" ] && [ -n "$dir" ] || die "$usage"
shift 3
PATH=$PATH:/usr/sbin:/sbin

# Servers refuse to run as root.
as_user() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=$owner --regid=$owner --init-groups env HOME="$dir" "$@"
  else
    "$@"
  fi
}

new_password() {
  (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password")
  if [ "$(id -u)" = 0 ]; then chown "$owner" "$dir" "$dir"/*; fi
}

may_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "there is no $1 server; install the package $2"
}

apt_install() {
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@"; } >&2
}

postgresql_bin() {
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    [ -x "$folder/postgres" ] && echo "$folder" && return
  done
  command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/postgres" ] && pg_config --bindir
  return 0
}

postgresql_install() {
  may_install PostgreSQL postgresql
  # The packages would start servers of their own. With a pooler as well: tests put one between.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  apt_install postgresql pgbouncer
}

postgresql_up() {
  port=$1
  shift
  [ -n "$(postgresql_bin)" ] || postgresql_install
  bin=$(postgresql_bin)
  [ -n "$bin" ] || die 'PostgreSQL was installed, but there is no server program'
  if [ ! -s "$dir/data/PG_VERSION" ]; then
    rm -rf "$dir/data"
    mkdir -p "$dir/socket"
    new_password
    as_user "$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 \
      --no-sync >"$dir/initdb.log" 2>&1 || die "initdb failed: see $dir/initdb.log"
  fi
  settings="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$dir/socket' -c fsync=off"
  for setting in "$@"; do settings="$settings -c $setting"; done
  as_user "$bin/pg_ctl" start -w -t 60 -D "$dir/data" -l "$dir/data/server.log" -o "$settings" >&2 ||
    die "the server did not start: see $dir/data/server.log"
  echo "postgresql://postgres:$(cat "$dir/password")@127.0.0.1:$port/postgres"
}

postgresql_down() {
  [ -s "$dir/data/postmaster.pid" ] || return 0
  as_user "$(postgresql_bin)/pg_ctl" stop -w -t 60 -D "$dir/data" -m "$1" >&2
}

mariadb_install() {
  may_install MariaDB mariadb-server
  # The package would start a server of its own, which the policy forbids while it is installed.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt_install --no-install-recommends mariadb-server
}

as_admin() {
  mariadb --no-defaults --socket="$dir/socket/s" --user=root "$@"
}

mariadb_pid() {
  [ -s "$dir/data/pid" ] && kill -0 "$(cat "$dir/data/pid")" 2>/dev/null && cat "$dir/data/pid"
  return 0
}

mariadb_up() {
  port=$1
  shift
  command -v mariadbd >/dev/null || mariadb_install
  command -v mariadbd >/dev/null || die 'MariaDB was installed, but there is no server program'
  if [ ! -d "$dir/data/mysql" ]; then
    mkdir -p "$dir/data" "$dir/socket" "$dir/tmp"
    new_password
    as_user mariadb-install-db --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --auth-root-authentication-method=normal \
      --skip-test-db >"$dir/install.log" 2>&1 || die "mariadb-install-db failed: see $dir/install.log"
  fi
  settings=''
  for setting in "$@"; do settings="$settings --$setting"; done
  # Without waiting for the disk: what these servers hold may go with the machine. The shell around the server must not keep our
  # output open: who called would wait for its end.
  (
    exec >>"$dir/data/server.log" 2>&1 </dev/null
    # shellcheck disable=SC2086
    as_user setsid mariadbd --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/socket/s" \
      --pid-file="$dir/data/pid" --bind-address=127.0.0.1 --port="$port" --innodb-flush-log-at-trx-commit=0 \
      --innodb-flush-method=nosync --sync-frm=0 $settings
  ) &
  tries=0
  until as_admin -e 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || die "the server did not start: see $dir/data/server.log"
    sleep 0.2
  done
  password=$(cat "$dir/password")
  as_admin -e "CREATE DATABASE IF NOT EXISTS main; CREATE USER IF NOT EXISTS admin@'127.0.0.1' IDENTIFIED BY '$password';
    GRANT ALL ON *.* TO admin@'127.0.0.1' WITH GRANT OPTION"
  echo "mariadb://admin:$password@127.0.0.1:$port/main"
}

mariadb_down() {
  pid=$(mariadb_pid)
  [ -n "$pid" ] || return 0
  if [ "$1" = immediate ]; then kill -KILL "$pid"; else kill "$pid"; fi
  tries=0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || die "the server with the id $pid does not end"
    sleep 0.2
  done
  rm -f "$dir/data/pid"
}

case $action in
  up)
    [ -n "${1:-}" ] || die "$usage"
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    "${service}_up" "$@"
    ;;
  down) "${service}_down" "${1:-fast}" ;;
  *) die "$usage" ;;
esac
