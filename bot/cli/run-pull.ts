import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { UserError } from '../../commands/request.ts';
import { loadConfig } from '../../config/index.ts';
import { HubError } from '../hub/hub.ts';
import { type PullWish, pull } from '../hub/pull.ts';
import { extraFolders, sortIn } from '../hub/sort-in.ts';
import { withEngine } from './engine.ts';
import { fileProblem } from './file-problem.ts';
import { bytes } from './inspection-table.ts';
import { interruptible } from './interruption.ts';
import type { PullFlags } from './pull.ts';
import { print } from './terminal.ts';

/** Pulls what is named, shows how far it is, and says how to use it. Rejects with one clear line's worth of error. */
export async function runPull(repo: string, flags: PullFlags): Promise<void> {
  const wish = parseWish(repo, flags);
  const config = loadConfig();
  const display = byteDisplay(process.stderr);
  const folders = extraFolders(config);
  const pulled = await interruptible((signal) =>
    pull(wish, config.modelDir, config.hub, { signal, onBytes: display.update, alsoIn: [...folders.values()] }),
  )
    .catch((error: unknown) => {
      throw isFromDisk(error) ? cannotWrite(config.modelDir, error, 'what has come is kept') : error;
    })
    .finally(display.stop);
  const { kind, description } = await withEngine(config, (engine) => engine.inspect(pulled.path));
  const licence = pulled.licence === null ? '' : `, licence ${pulled.licence}`;
  const folder = folders.get(String(kind));
  const path =
    folder === undefined
      ? pulled.path
      : await sortIn(pulled.path, folder).catch((error: unknown) => {
          throw isFromDisk(error) ? cannotWrite(folder, error, `it lies at ${pulled.path}`) : error;
        });
  const lines = [`${path}: ${String(description)}, ${bytes(pulled.bytes)}${licence}.`, howToUse(path, kind)];
  print(`${lines.join('\n')}\n`);
}

/** `OWNER/NAME`, `OWNER/NAME/FILE`, or an address with either. Throws a `UserError` for anything else. */
export function parseWish(repo: string, flags: PullFlags): PullWish {
  const path = URL.canParse(repo) ? new URL(repo).pathname : repo;
  const [owner = '', name = '', ...rest] = path.replace(/^\/+|\/+$/g, '').split('/');
  const isWord = (text: string): boolean => /^[\w.-]{1,96}$/.test(text) && !/^\.+$/.test(text);
  if (!isWord(owner) || !isWord(name)) {
    throw new UserError('invalid_repo', `${repo} is no repository: name it as OWNER/NAME, as the hub does.`);
  }
  // In an address the revision stands between: OWNER/NAME/resolve/main/FILE.
  const isAddress = ['blob', 'resolve', 'tree'].includes(rest[0] ?? '');
  const file =
    flags.file ??
    (rest
      .slice(isAddress ? 2 : 0)
      .map(decodeURIComponent)
      .join('/') ||
      undefined);
  if (file?.split('/').some((part) => part === '' || part === '..' || part === '.')) {
    throw new UserError('invalid_file', `${file} is no file of a repository.`);
  }
  return {
    repository: `${owner}/${name}`,
    file,
    revision: isAddress ? (rest[1] ?? flags.revision) : flags.revision,
    variant: flags.variant === 'full' ? null : flags.variant,
  };
}

function isFromDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function cannotWrite(folder: string, error: unknown, kept: string): HubError {
  return new HubError(`${folder} cannot be written: ${fileProblem(error)}. Mend that and pull again: ${kept}.`);
}

function howToUse(path: string, kind: unknown): string {
  const name = basename(path, '.safetensors');
  switch (kind) {
    case 'base':
      return `A running Easel serves it as ${name} within seconds; here: easel imagine "a cat in the snow" --model ${name}`;
    case 'refiner':
      return `Name it as "refiner" in the easel.json of a base, or here: easel imagine "a cat" --refiner ${path}`;
    case 'vae':
      return 'Name it as "vae" of a model in easel.config.json, or in the easel.json of a base.';
    case 'lora':
      return `A running Easel offers it within seconds: write <lora:${name}:0.8> into a prompt.`;
    case 'embedding':
      return `A running Easel offers it within seconds: write ${name} into a prompt.`;
    case 'upscaler':
      return `Once Easel is started again, it enlarges with it: easel upscale cat.png --method ${name}`;
    default:
      return 'Easel draws with Stable Diffusion XL only and cannot use it; remove it.';
  }
}

/** A bar on a terminal, a line each tenth elsewhere: a log stays short. */
function byteDisplay(stream: NodeJS.WriteStream): { update: (done: number, total: number) => void; stop: () => void } {
  if (!stream.isTTY) {
    let told = -1;
    const update = (done: number, total: number): void => {
      const tenth = total === 0 ? 10 : Math.floor((done * 10) / total);
      if (tenth <= told) return;
      told = tenth;
      stream.write(`${tenth * 10} % of ${bytes(total)}\n`);
    };
    return { update, stop: () => {} };
  }
  const format = '{bar} {percentage} % · {done} of {size} · {eta_formatted} left';
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
  bar.start(1, 0, { done: bytes(0), size: '?' });
  return {
    update: (done, total) => {
      bar.setTotal(total);
      bar.update(done, { done: bytes(done), size: bytes(total) });
    },
    stop: () => bar.stop(),
  };
}
