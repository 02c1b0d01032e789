import { basename, extname } from 'node:path';
import { buildRecipe } from '../../commands/build-recipe.ts';
import type { ModelDescription } from '../../commands/engine.ts';
import { parseInfotext } from '../../commands/infotext.ts';
import { parseOptions } from '../../commands/parse-options.ts';
import { upscale } from '../../commands/pictures/upscale.ts';
import { readPngText } from '../../commands/png-text.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { upscaleMethods } from '../../commands/upscale-methods.ts';
import { upscaledRecipe } from '../../commands/upscaled-recipe.ts';
import { loadConfig } from '../../config/index.ts';
import { chooseModel } from '../models/choose-model.ts';
import { modelsOf } from '../models/find-models.ts';
import { withEngine } from './engine.ts';
import { interruptible } from './interruption.ts';
import { planOutput, writeOutput } from './output-files.ts';
import { progressDisplay } from './progress-display.ts';
import { readPicture } from './start-picture.ts';
import { print } from './terminal.ts';
import type { UpscaleFlags } from './upscale.ts';

/** Enlarges a file as the flags say, and tells where it lies. Rejects with one clear line's worth of error. */
export async function runUpscale(file: string, flags: UpscaleFlags): Promise<void> {
  const begun = performance.now();
  const config = loadConfig();
  const { factor, method, detail } = parseOptions(upscale.options, {
    factor: flags.factor,
    method: flags.method,
    detail: flags.detail,
  });
  const picture = await readPicture('The picture', file);
  const name = basename(file, extname(file));
  const output = await planOutput(flags.out ?? `${name}-${factor ?? 2}x.png`, {
    prompt: name,
    seed: 0,
    count: 1,
    folder: process.cwd(),
  });
  const model = chooseModel(flags, await modelsOf(config));
  const { upscalers } = config;
  const path = await interruptible((signal) =>
    withEngine(config, async (engine) => {
      const source = recipeIn(picture.bytes) ?? foreignRecipe(await engine.describe(model));
      const methods = upscaleMethods(upscalers.map((upscaler) => upscaler.name));
      const recipe = upscaledRecipe(source, picture, { factor, method, detail }, methods);
      const own = upscalers.find((upscaler) => upscaler.name === recipe.upscale?.method);
      const display = progressDisplay(process.stderr, 1);
      try {
        const task = {
          kind: 'upscale',
          recipe,
          model,
          picture: picture.bytes,
          ...(own && { upscaler: own.file }),
        } as const;
        const result = await engine.run(task, { signal, onProgress: (progress) => display.update(0, progress) });
        return await writeOutput(output, 0, result.picture);
      } finally {
        display.stop();
      }
    }),
  );
  print(`${path}\n${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}

/** The recipe that a picture of ours carries. */
function recipeIn(bytes: Uint8Array): Recipe | null {
  const parameters = readPngText(bytes, 'parameters');
  return parameters === null ? null : parseInfotext(parameters);
}

/** For a picture that something else made: nothing is known of it, and the detail is drawn as the model does by default. */
function foreignRecipe(model: ModelDescription): Recipe {
  return buildRecipe({ prompt: '', refine: 'off' }, model, 0);
}
