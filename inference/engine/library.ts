import {
  type EngineSettings,
  type ExtraDescription,
  type ExtraKind,
  type ModelDescription,
  type ModelSource,
  modelKey,
} from '../../commands/engine.ts';
import { machineBytes } from '../models/memory-plan.ts';
import { describeModel } from '../pipeline/describe.ts';
import { describeExtra } from '../pipeline/describe-extra.ts';
import { adaptModel, type Model, openModel, type PlainSource, type WeightedLora } from '../pipeline/model.ts';
import type { NetworkOptions } from '../pipeline/networks.ts';
import { openUpscaler, type PictureUpscaler } from '../pipeline/upscaler.ts';
import { MemoryBudget } from './memory-budget.ts';

/** Models with LoRAs that are kept though nobody draws with them: each holds its LoRAs or a UNet of its own. */
const IDLE_ADAPTED_MODELS = 1;

/** What models may take of the machine's memory where the operator has not said it. */
const SHARE_OF_MEMORY = 3 / 4;

interface AdaptedModel {
  readonly model: Promise<Model>;
  /** Tasks that draw with it. */
  users: number;
}

/** What one task has borrowed; `end` gives all of it back. */
export interface Loan {
  /**
   * Waits until there is memory for the model. Rejects with a CheckpointError; a failure is not kept, so that mended files
   * are found.
   */
  open(source: ModelSource): Promise<Model>;
  /**
   * Runs with a network that enlarges, by its file, once there is memory for it; it has its place for no longer, so that
   * nobody waits for a model while holding what another waits for.
   */
  withUpscaler<T>(path: string, use: (upscaler: PictureUpscaler) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/**
 * The models that this process holds, by their sources: opened once, then shared by all tasks. Their networks stay in
 * memory as long as the budget allows. A model with LoRAs stands beside its plain one and shares all that the LoRAs leave
 * alone; the ones used last are kept for the next task.
 */
export class ModelLibrary {
  private readonly settings: EngineSettings & Pick<NetworkOptions, 'device'>;
  private readonly budget: MemoryBudget<Model | PictureUpscaler>;
  private readonly onLoaded: (models: readonly PlainSource[]) => void;
  private readonly plain = new Map<string, Promise<Model>>();
  private readonly upscalers = new Map<string, Promise<PictureUpscaler>>();
  /** The one used longest ago first. */
  private readonly adapted = new Map<string, AdaptedModel>();

  /** `onLoaded` hears of those whose networks are in memory, each time that changes. */
  constructor(
    settings: EngineSettings & Pick<NetworkOptions, 'device'>,
    onLoaded: (models: readonly PlainSource[]) => void = () => {},
  ) {
    this.settings = settings;
    this.onLoaded = onLoaded;
    this.budget = new MemoryBudget(settings.memoryLimit ?? SHARE_OF_MEMORY * machineBytes());
  }

  /** Until the signal aborts, `open` may wait for memory that others use. */
  lend(signal?: AbortSignal): Loan {
    const borrowed: AdaptedModel[] = [];
    const entered: Model[] = [];
    const enter = async (...models: readonly Model[]): Promise<void> => {
      await this.budget.enter(models, signal);
      entered.push(...models);
      this.tellLoaded();
    };
    return {
      open: async ({ loras = [], ...source }) => {
        const effective = loras.filter(({ weight }) => weight !== 0);
        const plain = await this.openPlain(source);
        if (effective.length === 0) {
          await enter(plain);
          return plain;
        }
        const entry = this.openAdapted(source, effective);
        entry.users++;
        borrowed.push(entry);
        const model = await entry.model;
        await enter(plain, model);
        return model;
      },
      withUpscaler: async (path, use) => {
        const upscaler = await this.openUpscaler(path);
        await this.budget.enter([upscaler], signal);
        this.tellLoaded();
        try {
          return await use(upscaler);
        } finally {
          this.budget.leave([upscaler]);
        }
      },
      end: async () => {
        this.budget.leave(entered.splice(0));
        for (const entry of borrowed.splice(0)) entry.users--;
        await this.releaseIdle();
      },
    };
  }

  /** Takes so much of the limit away, for what stays in memory beside the models. */
  reserve(bytes: number): void {
    this.budget.reserve(bytes);
  }

  async describe({ loras: _loras, ...source }: ModelSource): Promise<ModelDescription> {
    return describeModel(await this.openPlain(source), this.settings.cacheFolder);
  }

  /** The files may have changed or gone: the next task opens them anew, and what is in use is released afterwards. */
  async forget({ loras: _loras, ...source }: ModelSource): Promise<void> {
    const key = modelKey(source);
    const gone = [this.plain.get(key)];
    this.plain.delete(key);
    for (const [adaptedKey, { model }] of this.adapted) {
      if (!adaptedKey.startsWith(key)) continue;
      this.adapted.delete(adaptedKey);
      gone.push(model);
    }
    for (const opening of gone) {
      const model = await opening?.catch(() => undefined);
      if (model !== undefined) await this.budget.retire(model);
    }
    this.tellLoaded();
  }

  private tellLoaded(): void {
    this.onLoaded(this.budget.held.flatMap((holder) => ('source' in holder ? [holder.source] : [])));
  }

  async describeExtra(kind: ExtraKind, path: string, models: readonly ModelSource[]): Promise<ExtraDescription> {
    const opened = await Promise.all(models.map(({ loras: _loras, ...source }) => this.openPlain(source)));
    const checkpoints = opened.map(({ base }) => base.networks.checkpoint);
    return describeExtra(kind, path, checkpoints, this.settings.cacheFolder);
  }

  private openPlain(source: PlainSource): Promise<Model> {
    const key = modelKey(source);
    let model = this.plain.get(key);
    if (model === undefined) {
      model = openModel(source, this.settings);
      this.plain.set(key, model);
      model.catch(() => this.plain.delete(key));
    }
    return model;
  }

  private openUpscaler(path: string): Promise<PictureUpscaler> {
    let upscaler = this.upscalers.get(path);
    if (upscaler === undefined) {
      upscaler = openUpscaler(path, this.settings);
      this.upscalers.set(path, upscaler);
      upscaler.catch(() => this.upscalers.delete(path));
    }
    return upscaler;
  }

  private openAdapted(source: PlainSource, loras: readonly WeightedLora[]): AdaptedModel {
    const key = modelKey(source) + JSON.stringify(loras.map(({ path, weight }) => [path, weight]));
    let entry = this.adapted.get(key);
    if (entry === undefined) {
      const model = this.openPlain(source).then((plain) => adaptModel(plain, loras, this.settings));
      model.catch(() => this.adapted.delete(key));
      entry = { model, users: 0 };
    }
    this.adapted.delete(key);
    this.adapted.set(key, entry);
    return entry;
  }

  private async releaseIdle(): Promise<void> {
    const idle = [...this.adapted].filter(([, { users }]) => users === 0);
    for (const [key, { model }] of idle.slice(0, -IDLE_ADAPTED_MODELS)) {
      this.adapted.delete(key);
      await this.budget.retire(await model);
    }
  }
}
