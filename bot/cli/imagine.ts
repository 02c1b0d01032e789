import { Command, Option } from 'commander';
import type { OptionDefinition } from '../../commands/options.ts';
import { panDirections } from '../../commands/outpaint.ts';
import { advancedOptions, recipeOptions } from '../../commands/parameters/index.ts';
import { countOption } from '../../commands/request-options.ts';

const { picture: _picture, mask, model: _model, prompt: _prompt, refine, ...plain } = recipeOptions;

/** The options that `easel imagine` has as flags of the same names and words; files and models are flags of its own. */
export const imagineOptions = { ...plain, refine, count: countOption, ...advancedOptions };

/** What the other flags hold, as commander names them. */
export interface ImagineFlags {
  readonly init?: string;
  readonly mask?: string;
  readonly zoomOut?: string;
  readonly pan?: (typeof panDirections)[number];
  readonly model?: string;
  readonly refiner?: string;
  readonly vae?: string;
  readonly prediction?: 'epsilon' | 'v_prediction' | 'sample';
  readonly provider?: 'cpu' | 'cuda' | 'webgpu';
  readonly out?: string;
  readonly json?: true;
}

/** `easel imagine`: draws without a server. */
export function imagineCommand(): Command {
  const command = new Command('imagine')
    .description('Draw a picture from words, here and now')
    .argument('<prompt>', 'what to draw, in words');
  for (const [name, definition] of Object.entries(imagineOptions)) {
    command.option(flagOf(name, definition), definition.description);
  }
  return command
    .option('--init <file>', 'a picture to start from (PNG, JPEG, WebP); where it is transparent, only that is drawn')
    .option('--mask <file>', mask.description)
    .option('--zoom-out <n>', 'draw what is around the picture of --init, which becomes so many times smaller')
    .addOption(new Option('--pan <side>', 'draw what is beside the picture of --init').choices(panDirections))
    .option(
      '--model <dir>',
      'an SDXL base: a folder, a .safetensors file, or the name of a model (default: the first configured)',
    )
    .option('--refiner <dir>', 'an SDXL refiner that goes with it')
    .option('--vae <dir>', 'a VAE instead of its own')
    .addOption(
      new Option('--prediction <type>', 'how the model predicts, where its files do not say it').choices([
        'epsilon',
        'v_prediction',
        'sample',
      ]),
    )
    .addOption(
      new Option('--provider <name>', 'what computes (default: as configured)').choices(['cpu', 'cuda', 'webgpu']),
    )
    .option('--out <file>', 'the PNG to write; several get -1, -2, … (default: named by prompt and seed)')
    .option('--json', 'print the recipe, the timings and the files as JSON, and nothing else')
    .addHelpText('after', '\nWhat is not given, the model decides. No seed: a random one, which is printed.')
    .action(async (prompt: string, flags: ImagineFlags & Readonly<Record<string, unknown>>) => {
      // Loaded only now: `easel --help` needs none of it.
      const { runImagine } = await import('./run-imagine.ts');
      await runImagine(prompt, flags);
    });
}

function flagOf(name: string, definition: OptionDefinition): string {
  switch (definition.type) {
    case 'boolean':
      return `--${name}`;
    case 'integer':
    case 'number':
      return `--${name} <n>`;
    default:
      return `--${name} <${'autocomplete' in definition ? definition.autocomplete : 'text'}>`;
  }
}
