import { resolve } from 'node:path';
import { Command } from 'commander';
import { print, printJson } from './terminal.ts';

/** `easel inspect`: what a model file or folder is. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Tell what a model file or folder is: its kind, parts, parameters and number format')
    .argument('<path>', 'a .safetensors file or a diffusers folder')
    .option('--json', 'print it as JSON')
    .action(async (path: string, { json }: { json?: true }) => {
      const [{ loadConfig }, { withEngine }, { inspectionTable }] = await Promise.all([
        import('../../config/index.ts'),
        import('./engine.ts'),
        import('./inspection-table.ts'),
      ]);
      const report = await withEngine(loadConfig(), (engine) => engine.inspect(resolve(path)));
      if (json === true) printJson(report);
      else print(`${inspectionTable(report)}\n`);
    });
}
