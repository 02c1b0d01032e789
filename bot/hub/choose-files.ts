import { basename, dirname } from 'node:path/posix';
import { HubError, type HubFile, type HubRepository } from './hub.ts';

/** What of a repository is fetched. */
export interface PullPlan {
  readonly layout: 'folder' | 'file';
  readonly files: readonly HubFile[];
}

/** A diffusers pipeline's parts that SDXL has, each with the stem of its weights. */
const PARTS: Readonly<Record<string, string>> = {
  unet: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
  text_encoder_2: 'model',
};
const TEXTS = /^(model_index\.json|easel\.json|LICENSE(\.\w+)?|scheduler\/scheduler_config\.json)$/;
const TOKENIZER = /^tokenizer(_2)?\/(vocab\.json|merges\.txt|tokenizer_config\.json|special_tokens_map\.json)$/;
const ENDING = '.safetensors';

/**
 * The files that Easel needs: one that is named, or a diffusers pipeline's without what other programs need (ONNX, Flax,
 * pickles, other precisions), or the only `.safetensors` there is. `variant` is preferred where a part has it ("fp16":
 * half the size); null takes full precision. Throws a HubError where it is not clear what is wanted.
 */
export function chooseFiles(repository: HubRepository, file: string | undefined, variant: string | null): PullPlan {
  if (file !== undefined) return { layout: 'file', files: [namedFile(repository, file)] };
  if (repository.files.some(({ path }) => path === 'model_index.json')) {
    return { layout: 'folder', files: pipelineFiles(repository, variant) };
  }
  const candidates = repository.files.filter(({ path }) => path.endsWith(ENDING));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { layout: 'file', files: [only] };
  const names = candidates.slice(0, 12).map(({ path }) => path);
  throw new HubError(
    only === undefined
      ? `${repository.name} has no model as .safetensors${pickleHint(repository)}.`
      : `${repository.name} has several files; say which: easel pull ${repository.name}/FILE with one of ${names.join(', ')}.`,
  );
}

function namedFile(repository: HubRepository, path: string): HubFile {
  if (!path.endsWith(ENDING)) {
    throw new HubError(
      `${path} is no .safetensors: a pickle can run code when it is opened, so Easel reads no others.`,
    );
  }
  const found = repository.files.find((file) => file.path === path);
  if (found !== undefined) return found;
  const others = repository.files.filter((file) => file.path.endsWith(ENDING)).map((file) => file.path);
  throw new HubError(`${repository.name} has no file ${path}; it has: ${others.slice(0, 12).join(', ') || 'none'}.`);
}

function pipelineFiles(repository: HubRepository, variant: string | null): readonly HubFile[] {
  const { files } = repository;
  const parts = Object.entries(PARTS).filter(([part]) => files.some(({ path }) => path.startsWith(`${part}/`)));
  if (!parts.some(([part]) => part === 'unet')) {
    throw new HubError(`${repository.name} is no Stable Diffusion XL: it has no unet folder.`);
  }
  return [
    ...files.filter(({ path }) => TEXTS.test(path) || TOKENIZER.test(path)),
    ...parts.flatMap(([part, stem]) => partFiles(repository, part, stem, variant)),
  ];
}

/** A part's configuration, and its weights in the first form that is there: whole, or in shards with their index. */
function partFiles(repository: HubRepository, part: string, stem: string, variant: string | null): readonly HubFile[] {
  const inPart = repository.files.filter(({ path }) => dirname(path) === part);
  const named = (pattern: RegExp): HubFile[] => inPart.filter(({ path }) => pattern.test(basename(path)));
  const config = named(/^config\.json$/);
  for (const suffix of variant === null ? ['', '.fp16'] : [`.${variant}`, '', '.fp16']) {
    const own = suffix.replaceAll('.', '\\.');
    const whole = named(new RegExp(`^${stem}${own}\\.safetensors$`));
    if (whole.length > 0) return [...config, ...whole];
    const index = named(new RegExp(`^${stem}(${own}\\.safetensors\\.index|\\.safetensors\\.index${own})\\.json$`));
    const shards = named(new RegExp(`^${stem}(${own})?-\\d+-of-\\d+(${own})?\\.safetensors$`));
    const ofSuffix = shards.filter(
      ({ path }) => suffix === '' || path.includes(`${suffix}-`) || path.includes(`${suffix}.`),
    );
    if (index.length > 0 && ofSuffix.length > 0) return [...config, ...index, ...ofSuffix];
  }
  throw new HubError(`${repository.name}/${part} has no weights as .safetensors${pickleHint(repository)}.`);
}

function pickleHint({ files }: HubRepository): string {
  return files.some(({ path }) => /\.(bin|ckpt|pt)$/.test(path))
    ? '; it has pickles only, which Easel never opens'
    : '';
}
