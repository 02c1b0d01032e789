import { Command } from 'commander';
import { print } from './terminal.ts';

/** `easel worker`: draws what a bot elsewhere has accepted, until Ctrl-C. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Draw for a bot that runs elsewhere (needs DATABASE_URL and REDIS_URL)')
    .action(async () => {
      const [{ loadConfig }, { work }, { untilStopped }] = await Promise.all([
        import('../../config/index.ts'),
        import('../main.ts'),
        import('./until-stopped.ts'),
      ]);
      await untilStopped(async () => {
        const running = await work(loadConfig());
        print('The worker is ready.\n');
        return running;
      });
    });
}
