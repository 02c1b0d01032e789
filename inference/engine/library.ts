import type { EngineSettings, ModelDescription, ModelSource } from '../../commands/engine.ts';
import { describeModel } from '../pipeline/describe.ts';
import { type Model, openModel } from '../pipeline/model.ts';

/** The models that this process holds, by their sources: opened once, then shared by all tasks. */
export class ModelLibrary {
  private readonly settings: EngineSettings;
  private readonly models = new Map<string, Promise<Model>>();

  constructor(settings: EngineSettings) {
    this.settings = settings;
  }

  /** Rejects with a CheckpointError; a failure is not kept, so that mended files are found. */
  open(source: ModelSource): Promise<Model> {
    const key = JSON.stringify(source);
    let model = this.models.get(key);
    if (model === undefined) {
      const { provider, threads } = this.settings;
      model = openModel(source, { provider, threads });
      this.models.set(key, model);
      model.catch(() => this.models.delete(key));
    }
    return model;
  }

  async describe(source: ModelSource): Promise<ModelDescription> {
    return describeModel(await this.open(source), this.settings.cacheFolder);
  }
}
