import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Adds up Vitest's JSON reports and closes with one plain line: "N passed, N failed, N skipped". */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});

const reports = process.argv.slice(2).map((path) => reportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))));
const sum = (pick: (report: z.infer<typeof reportSchema>) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);

const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
console.log(
  `${sum((report) => report.numPassedTests)} passed, ${sum((report) => report.numFailedTests)} failed, ${skipped} skipped`,
);
