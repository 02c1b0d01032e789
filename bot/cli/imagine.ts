import { Command, Option } from 'commander';
import { panDirections } from '../../commands/outpaint.ts';
import { imagine } from '../../commands/pictures/imagine.ts';

/** Flags of `easel imagine` that are `/imagine`'s own options, with their names and words. */
const recipeFlags: readonly (readonly [flag: string, name: keyof typeof imagine.options])[] = [
  ['--negative <text>', 'negative'],
  ['--prompt2 <text>', 'prompt2'],
  ['--negative2 <text>', 'negative2'],
  ['--lora <list>', 'lora'],
  ['--size <WxH>', 'size'],
  ['--aspect <W:H>', 'aspect'],
  ['--steps <n>', 'steps'],
  ['--guidance <n>', 'guidance'],
  ['--guidance-rescale <n>', 'guidance-rescale'],
  ['--sampler <id>', 'sampler'],
  ['--seed <n>', 'seed'],
  ['--count <n>', 'count'],
  ['--strength <n>', 'strength'],
];

/** What the flags hold, as commander names them. */
export interface ImagineFlags {
  readonly negative?: string;
  readonly prompt2?: string;
  readonly negative2?: string;
  readonly lora?: string;
  readonly size?: string;
  readonly aspect?: string;
  readonly steps?: string;
  readonly guidance?: string;
  readonly guidanceRescale?: string;
  readonly sampler?: string;
  readonly seed?: string;
  readonly count?: string;
  readonly refine?: string;
  readonly strength?: string;
  readonly fast?: true;
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
  for (const [flag, name] of recipeFlags) command.option(flag, imagine.options[name].description);
  return command
    .option(
      '--refine <on|off|share>',
      'the refiner, or the share of the steps that the base takes before it, such as 0.8',
    )
    .option('--fast', imagine.options.fast.description)
    .option('--init <file>', 'a picture to start from (PNG, JPEG, WebP); where it is transparent, only that is drawn')
    .option('--mask <file>', imagine.options.mask.description)
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
    .action(async (prompt: string, flags: ImagineFlags) => {
      // Loaded only now: `easel --help` needs none of it.
      const { runImagine } = await import('./run-imagine.ts');
      await runImagine(prompt, flags);
    });
}
