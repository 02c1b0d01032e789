import { Command } from 'commander';

/** `easel models`: the configured models and what they do where nothing else is said. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('List the configured models')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { runModels } = await import('./run-models.ts');
      await runModels(json === true);
    });
}
