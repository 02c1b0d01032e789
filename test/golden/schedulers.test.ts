import { goldenPath } from './golden-folder.ts';
import { judgeSchedulers } from './judge-schedulers.ts';

await judgeSchedulers(goldenPath('schedulers'));
