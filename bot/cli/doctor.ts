import { Command } from 'commander';

/** `easel doctor`: what was found, what is missing and what mends it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check this machine: Node, what computes, models, store, queue, port and tokens')
    .action(async () => {
      const { runDoctor } = await import('./run-doctor.ts');
      await runDoctor();
    });
}
