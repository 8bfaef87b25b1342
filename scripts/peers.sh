#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes .venv with the Python programs that the peer tests compare with. Nothing in src/ needs them.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x .venv/bin/python ]; then
  "${PYTHON:-python3}" -m venv .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check 'lsst-daf-butler>=29' astropy pyarrow pandas
.venv/bin/python -c 'import lsst.daf.butler, sys; print("peers ready, Python", sys.version.split()[0])'
