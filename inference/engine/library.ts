import type { EngineSettings, ModelDescription, ModelSource } from '../../commands/engine.ts';
import { describeModel } from '../pipeline/describe.ts';
import { adaptModel, type Model, openModel, type PlainSource, type WeightedLora } from '../pipeline/model.ts';
import { openUpscaler, type PictureUpscaler } from '../pipeline/upscaler.ts';

/** Models with LoRAs that are kept though nobody draws with them: each holds a UNet of its own. */
const IDLE_ADAPTED_MODELS = 1;

interface AdaptedModel {
  readonly model: Promise<Model>;
  /** Tasks that draw with it. */
  users: number;
}

/** What one task has borrowed; `end` gives all of it back. */
export interface Loan {
  /** Rejects with a CheckpointError; a failure is not kept, so that mended files are found. */
  open(source: ModelSource): Promise<Model>;
  /** A network that enlarges, by its file. */
  openUpscaler(path: string): Promise<PictureUpscaler>;
  end(): Promise<void>;
}

/**
 * The models that this process holds, by their sources: opened once, then shared by all tasks. A model with LoRAs stands
 * beside its plain one and shares all that the LoRAs leave alone; the ones used last are kept for the next task.
 */
export class ModelLibrary {
  private readonly settings: EngineSettings;
  private readonly plain = new Map<string, Promise<Model>>();
  private readonly upscalers = new Map<string, Promise<PictureUpscaler>>();
  /** The one used longest ago first. */
  private readonly adapted = new Map<string, AdaptedModel>();

  constructor(settings: EngineSettings) {
    this.settings = settings;
  }

  lend(): Loan {
    const borrowed: AdaptedModel[] = [];
    return {
      open: async ({ loras = [], ...source }) => {
        const effective = loras.filter(({ weight }) => weight !== 0);
        if (effective.length === 0) return this.openPlain(source);
        const entry = this.openAdapted(source, effective);
        entry.users++;
        borrowed.push(entry);
        return entry.model;
      },
      openUpscaler: (path) => this.openUpscaler(path),
      end: async () => {
        for (const entry of borrowed.splice(0)) entry.users--;
        await this.releaseIdle();
      },
    };
  }

  async describe({ loras: _loras, ...source }: ModelSource): Promise<ModelDescription> {
    return describeModel(await this.openPlain(source), this.settings.cacheFolder);
  }

  private openPlain(source: PlainSource): Promise<Model> {
    const key = keyOf(source);
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
    const key = keyOf(source, loras);
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
      await (await model).release();
    }
  }
}

function keyOf({ base, refiner, vae }: PlainSource, loras: readonly WeightedLora[] = []): string {
  return JSON.stringify([base, refiner, vae, loras.map(({ path, weight }) => [path, weight])]);
}
