/**
 * Loaded into a process before anything else (`--import`): its clock is CLOCK_SKEW_MS ahead of the machine's, as on a
 * machine without a time service. Its monotonic clock is as it was, as there.
 */
const machine = globalThis.Date;
const now = () => machine.now() + Number(process.env.CLOCK_SKEW_MS);

globalThis.Date = new Proxy(machine, {
  construct: (target, parts, newTarget) => Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
