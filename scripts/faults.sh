#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fault tests of runs at their full count: 1000 random moments of kill -9 (or as many as the first argument says) and every other fault, ROUNDS times
# (second argument, default 10) with another seed each. Every seed is printed; to repeat one round: SKYMILL_FAULT_SEED=… SKYMILL_KILLS=… scripts/faults.sh 8 1
cd "$(dirname "$0")/.." || exit 1
kills="${1:-1000}"
rounds="${2:-10}"
seed="${SKYMILL_FAULT_SEED:-$(date +%s)}"
each=$(((kills + rounds - 1) / rounds))
failed=0
round=1
while [ "$round" -le "$rounds" ]; do
  echo "round $round of $rounds: SKYMILL_FAULT_SEED=$seed SKYMILL_KILLS=$each"
  SKYMILL_FAULT_SEED="$seed" SKYMILL_KILLS="$each" node_modules/.bin/node node_modules/vitest/vitest.mjs run \
    --config vitest.heavy.config.ts --project heavy test/heavy/run-faults || {
    failed=$((failed + 1))
    echo "round $round failed; to repeat it: SKYMILL_FAULT_SEED=$seed scripts/faults.sh $each 1"
  }
  seed=$((seed + 1))
  round=$((round + 1))
done
echo "$rounds rounds, $kills kills, $failed rounds failed"
[ "$failed" -eq 0 ]
