import { EngineError, type ModelDescription } from '../../commands/engine.ts';
import { loadConfig, type ModelAccess, type ModelEntry } from '../../config/index.ts';
import { lookThroughExtras } from '../extras/look-through.ts';
import { modelsOf } from '../models/find-models.ts';
import { sourceOf } from '../models/model-source.ts';
import { withEngine } from './engine.ts';
import { exitCodes } from './failure.ts';
import { bytes } from './inspection-table.ts';
import { table } from './table.ts';
import { print, printJson } from './terminal.ts';

type Opened = { readonly model: ModelEntry } & (
  | { readonly description: ModelDescription }
  | { readonly problem: string }
);

/**
 * Opens every model, configured or in the model folder, and prints what it is, then what is left out of all that goes with
 * them; for a model that cannot be opened the code is 1.
 */
export async function runModels(json: boolean): Promise<void> {
  const config = loadConfig();
  const models = await modelsOf(config);
  const { opened, problems } = await withEngine(config, async (engine) => ({
    opened: await Promise.all(
      models.map(async (model): Promise<Opened> => {
        try {
          return { model, description: await engine.describe(sourceOf(model)) };
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          return { model, problem: error.message };
        }
      }),
    ),
    problems: json ? [] : (await lookThroughExtras(config, engine)).problems,
  }));
  if (json) printJson(opened);
  else print(`${[listing(opened), ...problems].join('\n')}\n`);
  if (opened.some((entry) => 'problem' in entry)) process.exitCode = exitCodes.failed;
}

const HEADINGS = ['Name', 'Kind', 'Hash', 'Size', 'Licence', 'Drawn with', 'For', 'Where'];

function listing(opened: readonly Opened[]): string {
  const rows = opened.flatMap((entry) => ('description' in entry ? [row(entry.model, entry.description)] : []));
  const refused = opened.flatMap((entry) =>
    'problem' in entry ? [`${entry.model.name} is refused: ${entry.problem}`] : [],
  );
  return [...(rows.length === 0 ? [] : [table([HEADINGS, ...rows])]), ...refused].join('\n');
}

function row({ name, base, allow }: ModelEntry, description: ModelDescription): string[] {
  return [
    name,
    kindOf(description),
    description.hash.slice(0, 10),
    bytes(description.bytes),
    description.licence ?? 'not said',
    recipeOf(description),
    audienceOf(allow ?? description.allow),
    base,
  ];
}

function kindOf({ predictionType, refiner }: ModelDescription): string {
  return [`SDXL, ${predictionType}`, ...(refiner === null ? [] : ['with refiner'])].join(', ');
}

function recipeOf({ nativeSize, defaults }: ModelDescription): string {
  return `${nativeSize}x${nativeSize}, ${defaults.sampler}, ${defaults.steps} steps, guidance ${defaults.guidance}`;
}

function audienceOf(allow: ModelAccess | null): string {
  if (allow === null) return 'everyone';
  const lists = Object.entries(allow).filter(([, ids]) => ids.length > 0);
  return lists.map(([kind, ids]) => `${kind} ${ids.join(' ')}`).join(', ') || 'nobody';
}
