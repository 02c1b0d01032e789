/**
 * Loaded into a process before anything else (`--import`): its clock is as far ahead of the machine's as the
 * address of this file says (`?ms=`), as on a machine without a time service. Its monotonic clock is as it was, as there. An
 * engine, which gets few variables, has it by NODE_OPTIONS like its parent.
 */
const machine = globalThis.Date;
const skewMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const now = () => machine.now() + skewMs;

globalThis.Date = new Proxy(machine, {
  construct: (target, parts, newTarget) => Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
