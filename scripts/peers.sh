#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes .venv with the Python programs that the peer tests compare with, and installs strace, by which a test watches
# system calls, and a browser for the pages.
# Nothing in src/ needs them.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x .venv/bin/python ]; then
  "${PYTHON:-python3}" -m venv .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check 'lsst-daf-butler>=29' 'lsst-pipe-base>=29' astro-metadata-translator psycopg2-binary 'psycopg[binary]' astropy pyarrow pandas mypy
.venv/bin/python -c 'import lsst.daf.butler, sys; print("peers ready, Python", sys.version.split()[0])'

# A package, and what is skipped without it.
install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "$1"
  else
    echo "*** $1 is absent and this user cannot install it: $2 will be skipped" >&2
  fi
}
command -v strace >/dev/null || install strace 'the test of system calls'
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
  install chromium 'the test of pages'
