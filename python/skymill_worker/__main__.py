# SPDX-License-Identifier: BSD-3-Clause
"""Reads one request as JSON on standard input, writes one answer as JSON on standard output.

Whatever the packages of the user print goes to standard error, so that it cannot get between the lines of the answer.
"""

import json
import os
import sys

from .describe import describe


def main() -> int:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    if request.get("protocol") != 1:
        print(f"protocol {request.get('protocol')} is not known here", file=sys.stderr)
        return 2
    json.dump(describe(request), answer, allow_nan=False)
    answer.close()
    return 0


sys.exit(main())
