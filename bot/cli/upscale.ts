import { Command } from 'commander';
import { upscale } from '../../commands/pictures/upscale.ts';

/** What the flags hold, as commander names them. */
export interface UpscaleFlags {
  readonly factor?: string;
  readonly method?: string;
  readonly detail?: true;
  readonly model?: string;
  readonly out?: string;
}

/** `easel upscale`: enlarges a picture without a server. */
export function upscaleCommand(): Command {
  const { factor, method, detail } = upscale.options;
  return new Command('upscale')
    .description('Enlarge a picture, here and now')
    .argument('<file>', 'the picture (PNG, JPEG, WebP, GIF)')
    .option('--factor <n>', factor.description)
    .option('--method <name>', method.description)
    .option('--detail', detail.description)
    .option('--model <dir>', 'the SDXL base that draws the detail (default: the first configured)')
    .option('--out <file>', 'the PNG to write (default: named by the picture and the factor)')
    .action(async (file: string, flags: UpscaleFlags) => {
      const { runUpscale } = await import('./run-upscale.ts');
      await runUpscale(file, flags);
    });
}
