import { EngineError, type ModelDescription } from '../../commands/engine.ts';
import { loadConfig, type ModelEntry } from '../../config/index.ts';
import { sourceOf } from '../models/model-source.ts';
import { withEngine } from './engine.ts';
import { exitCodes } from './failure.ts';
import { table } from './table.ts';

type Opened = { readonly model: ModelEntry } & (
  | { readonly description: ModelDescription }
  | { readonly problem: string }
);

/** Opens every configured model and prints what it is; one that cannot be opened is told, and the exit code is 1. */
export async function runModels(json: boolean): Promise<void> {
  const config = loadConfig();
  const opened = await withEngine(config, (engine) =>
    Promise.all(
      config.models.map(async (model): Promise<Opened> => {
        try {
          return { model, description: await engine.describe(sourceOf(model)) };
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          return { model, problem: error.message };
        }
      }),
    ),
  );
  process.stdout.write(`${json ? JSON.stringify(opened, null, 2) : table(opened.map(row))}\n`);
  if (opened.some((entry) => 'problem' in entry)) process.exitCode = exitCodes.failed;
}

function row(entry: Opened): string[] {
  if ('problem' in entry) return [entry.model.name, entry.problem];
  const { nativeSize, defaults, refiner, hash } = entry.description;
  return [
    entry.model.name,
    `${nativeSize}x${nativeSize}`,
    `${defaults.steps} steps`,
    defaults.sampler,
    refiner === null ? 'no refiner' : 'with refiner',
    hash.slice(0, 10),
    entry.model.base,
  ];
}
