import type { ExtraKind } from '../../commands/engine.ts';
import { type Engine, EngineError } from '../../commands/engine.ts';
import type { Config } from '../../config/index.ts';
import { modelsOf } from '../models/find-models.ts';
import { sourceOf } from '../models/model-source.ts';
import { ExtraShelf } from './extra-shelf.ts';
import { UpscalerShelf } from './upscaler-shelf.ts';

export interface Contents {
  readonly names: Readonly<Record<ExtraKind | 'upscaler', readonly string[]>>;
  /** A line for each file that is left out, and why. */
  readonly problems: readonly string[];
}

/** What a worker would find beside its models: it looks into every file. */
export async function lookThroughExtras(config: Config, engine: Engine): Promise<Contents> {
  const problems: string[] = [];
  const warn = (problem: string): void => void problems.push(problem);
  const models = await usableModels(config, engine);
  const shelf = new ExtraShelf({
    folders: { lora: config.loraDir, embedding: config.embeddingDir },
    models: () => models,
    engine,
    warn,
  });
  const upscalers = new UpscalerShelf(config.upscalers, engine, warn);
  await Promise.all([shelf.refresh(), upscalers.refresh()]);
  const named = (wanted: ExtraKind) => shelf.offers().flatMap(({ kind, name }) => (kind === wanted ? [name] : []));
  return { names: { lora: named('lora'), embedding: named('embedding'), upscaler: upscalers.names() }, problems };
}

async function usableModels(config: Config, engine: Engine) {
  const opened = (await modelsOf(config)).map(async (model) => {
    const source = sourceOf(model);
    const isUsable = await engine.describe(source).then(
      () => true,
      (error: unknown) => {
        if (error instanceof EngineError) return false;
        throw error;
      },
    );
    return isUsable ? [[model.name, source] as const] : [];
  });
  return new Map((await Promise.all(opened)).flat());
}
