#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The kill -9 test at 100 random moments (or as many as the first argument says); the seed is printed and can be set with SKYMILL_KILL_SEED.
cd "$(dirname "$0")/.." || exit 1
SKYMILL_KILLS="${1:-100}" exec node_modules/.bin/node node_modules/vitest/vitest.mjs run --config vitest.heavy.config.ts test/heavy/kill.test.ts
