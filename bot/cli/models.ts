import { Command } from 'commander';

/** `easel models`: the models that can be drawn with from here, and what each is. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('List the models, configured and in the model folder: kind, hash, size, licence, who may use them')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { runModels } = await import('./run-models.ts');
      await runModels(json === true);
    });
}
