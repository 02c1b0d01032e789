import { judgeSchedulers } from '../../golden/judge-schedulers.ts';

/** Options beyond the golden ones, made by tools/fixtures/make-schedulers.py. */
await judgeSchedulers('test/fixtures/schedulers');
