// SPDX-License-Identifier: BSD-3-Clause
// Loaded into a process before anything else (`node --import`): the time of day jumps by up to two days either way, every tenth of a second. The clock
// that only goes forward (performance.now, timers) does not: as on a machine whose time is set.
import { randomFrom } from '../random.ts';

const random = randomFrom(Number(process.env['TEST_CLOCK_SEED'] ?? 1) + process.pid);
const RealDate = Date;
const realNow = Date.now;
let offsetMs = 0;
setInterval(() => {
  offsetMs = Math.round((random() - 0.5) * 4 * 86_400_000);
}, 100).unref();

const now = (): number => realNow() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
