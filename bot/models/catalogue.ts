import { type Engine, EngineError, type ModelDescription, type ModelSource } from '../../commands/engine.ts';
import type { Logger, ModelEntry } from '../../config/index.ts';
import { type FoundModel, findModels, signatureOf } from './find-models.ts';
import { sourceOf } from './model-source.ts';

/** A model that can be drawn with. */
export interface CataloguedModel {
  readonly name: string;
  readonly description: ModelDescription;
  readonly source: ModelSource;
  /** From which share of the steps its refiner could take over; null: it has none. */
  readonly handoffAt: number | null;
}

/** Where SDXL's refiner takes over unless a model says otherwise (Podell et al. 2023: the last 200 of 1,000 timesteps). */
const HANDOFF_AT = 0.8;

/** In place of a signature: an earlier model has the name. */
const SAME_NAME = 'same name';

interface Known {
  readonly signature: string;
  readonly source: ModelSource;
  /** Why it is refused, or the model. */
  readonly outcome: EngineError | CataloguedModel;
}

/**
 * The models of a worker: those that are configured, and whatever lies in the model folder. One that cannot be used is
 * refused with one line in the log, and the others are served; when its files change it is looked at again.
 */
export class ModelCatalogue {
  private readonly parts: {
    readonly engine: Pick<Engine, 'describe' | 'forget'>;
    readonly configured: readonly ModelEntry[];
    readonly folder: string;
    readonly log: Logger;
  };
  private known: ReadonlyMap<string, Known> = new Map();
  /** How the files looked at the last look: those that change are still being written. */
  private seen: ReadonlyMap<string, string> | null = null;

  constructor(parts: ModelCatalogue['parts']) {
    this.parts = parts;
  }

  /** In the order of the configuration, then by their paths. */
  get models(): readonly CataloguedModel[] {
    return [...this.known.values()].flatMap(({ outcome }) => (outcome instanceof EngineError ? [] : [outcome]));
  }

  /** Why the first of the refused ones is refused. */
  get problem(): EngineError | undefined {
    return [...this.known.values()].map(({ outcome }) => outcome).find((outcome) => outcome instanceof EngineError);
  }

  /** Looks at the files. True where other models can be drawn with than before. */
  async refresh(): Promise<boolean> {
    const before = this.models;
    const candidates = await this.candidates();
    const known = new Map<string, Known>();
    for (const { entry, signature } of candidates) {
      const old = this.known.get(keyOf(entry));
      if (old?.signature === signature) known.set(keyOf(entry), old);
      // At the first look there is nothing to compare with.
      else if (this.seen === null || this.seen.get(keyOf(entry)) === signature) {
        known.set(keyOf(entry), await this.look(entry, signature));
      }
    }
    this.seen = new Map(candidates.map(({ entry, signature }) => [keyOf(entry), signature]));
    for (const [key, old] of this.known) if (known.get(key) !== old) await this.withdraw(old);
    this.known = known;
    const now = this.models;
    return now.length !== before.length || now.some((model, index) => model !== before[index]);
  }

  private async candidates(): Promise<readonly FoundModel[]> {
    const { configured, folder } = this.parts;
    const listed = configured.map(async (entry) => ({ entry, signature: await signatureOf(entry) }));
    const paths = new Set(configured.flatMap(({ base, refiner }) => [base, refiner]));
    const found = (await findModels(folder)).filter(({ entry }) => !paths.has(entry.base));
    const names = new Set<string>();
    return [...(await Promise.all(listed)), ...found].map(({ entry, signature }) => {
      const isTwice = names.has(entry.name);
      names.add(entry.name);
      return { entry, signature: isTwice ? SAME_NAME : signature };
    });
  }

  private async look(entry: ModelEntry, signature: string): Promise<Known> {
    const { engine, log } = this.parts;
    const source = sourceOf(entry);
    try {
      if (signature === SAME_NAME) {
        throw new EngineError('invalid', `${entry.base}: another model is called ${entry.name}; rename one of them.`);
      }
      const description = { ...(await engine.describe(source)), name: entry.name, ...allowOf(entry) };
      const handoffAt = description.refiner === null ? null : (description.defaults.refine ?? HANDOFF_AT);
      log.info({ model: entry.name, path: entry.base }, 'model ready');
      return { signature, source, outcome: { name: entry.name, description, source, handoffAt } };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.error({ model: entry.name, path: entry.base }, `model refused: ${error.message}`);
      return { signature, source, outcome: error };
    }
  }

  private async withdraw({ source, outcome }: Known): Promise<void> {
    if (outcome instanceof EngineError) return;
    const { engine, log } = this.parts;
    log.info({ model: outcome.name, path: source.base }, 'model withdrawn');
    await engine.forget(source).catch((error: unknown) => log.warn({ error }, 'a model could not be released'));
  }
}

function keyOf({ name, base }: ModelEntry): string {
  return `${name}\n${base}`;
}

function allowOf({ allow }: ModelEntry): Pick<ModelDescription, 'allow'> | undefined {
  return allow && { allow };
}
