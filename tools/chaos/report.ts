import type { RunResult } from './run.ts';

/** The table at the end: what was made how often, and what was broken by it. */
export function report(result: RunResult, seconds: number): string {
  const { journal, problems, excused, stalls, acts, unanswered, jobs } = result;
  const kinds = [...journal.kinds].sort((one, other) => one.kind.localeCompare(other.kind));
  const width = Math.max(...kinds.map(({ kind }) => kind.length), 'fault'.length);
  const row = (kind: string, count: string, wrong: string): string =>
    `| ${kind.padEnd(width)} | ${count.padStart(5)} | ${wrong.padStart(10)} |`;
  const ended = Object.entries(jobs).map(([what, count]) => `${count} ${what}`);
  return [
    '',
    row('fault', 'made', 'went wrong'),
    row('-'.repeat(width), '-----', '----------'),
    ...kinds.map(({ kind, count, problems: wrong }) => row(kind, String(count), String(wrong))),
    ...journal.unavailable.map(({ kind, why }) => `${kind}: not made, for ${why}`),
    '',
    `${acts} acts of people, ${unanswered} of them without an answer while nobody could give one`,
    `jobs: ${ended.join(', ')}`,
    `the machine stood still ${stalls}; ${excused.length} times something was too late for that`,
    ...problems.map((problem) => `VIOLATION: ${problem}`),
    `${journal.count} faults in ${Math.round(seconds)} s, ${problems.length} violations`,
  ].join('\n');
}
