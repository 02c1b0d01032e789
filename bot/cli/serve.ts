import { Command } from 'commander';
import { print } from './terminal.ts';

/** `easel serve`: the bot, the page and (unless workers are elsewhere) the pictures, until Ctrl-C. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the service: the local page, and Discord and Slack where their tokens are set')
    .action(async () => {
      const [{ loadConfig }, { serve }, { untilStopped }] = await Promise.all([
        import('../../config/index.ts'),
        import('../main.ts'),
        import('./until-stopped.ts'),
      ]);
      await untilStopped(async () => {
        const running = await serve(loadConfig());
        print(`Easel is at ${running.address}\n`);
        return running;
      });
    });
}
