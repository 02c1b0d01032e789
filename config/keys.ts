import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { hasUnencodedPassword } from './addresses.ts';
import { modelAccessSchema } from './model-access.ts';

/** The bundled miniature, wherever Easel is installed. */
const BUNDLED_MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const MINIATURE = {
  name: 'mini',
  base: join(BUNDLED_MODELS, 'mini', 'base'),
  refiner: join(BUNDLED_MODELS, 'mini', 'refiner'),
};

const modelSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,60}$/, 'must be 1 to 60 letters, digits, dots, hyphens or underscores')
    .describe('what people call it'),
  base: z.string().min(1),
  refiner: z.string().min(1).nullable().default(null),
  vae: z.string().min(1).optional(),
  predictionType: z.enum(['epsilon', 'v_prediction', 'sample']).optional(),
  allow: modelAccessSchema.optional(),
});
export type ModelEntry = z.infer<typeof modelSchema>;

const upscalerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,40}$/, 'must be 1 to 40 letters, digits, dots, hyphens or underscores')
    .describe('what people call it'),
  file: z.string().min(1),
});
export type UpscalerEntry = z.infer<typeof upscalerSchema>;

const BYTES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MIB: 2 ** 20, GIB: 2 ** 30 };
const byteCount = z
  .string({ error: 'must be a text such as "12GB"' })
  .regex(/^\s*\d+(\.\d+)?\s*(MB|GB|MiB|GiB)\s*$/i, 'must be a number with MB, GB, MiB or GiB, such as 12GB')
  .transform((text) => Math.floor(Number.parseFloat(text) * (BYTES[text.replace(/[^a-z]/gi, '').toUpperCase()] ?? 1)));

const classifierSchema = z.strictObject({
  folder: z.string().min(1),
  rules: z
    .array(
      z.strictObject({
        label: z.string().min(1).max(200),
        threshold: z.number().min(0).max(1).default(0.5),
        action: z.enum(['allow', 'spoiler', 'refuse'], { error: 'must be one of allow, spoiler, refuse' }),
      }),
    )
    .min(1, 'must name at least one label'),
});
export type ClassifierEntry = z.infer<typeof classifierSchema>;

const url = (...protocols: string[]) =>
  z
    .string()
    .refine((text) => !hasUnencodedPassword(text), {
      error: 'has signs such as # / @ % in its password: percent-encode it (%23 %2F %40 %25)',
      abort: true,
    })
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
      // What is asked of an address further on may take it for one.
      abort: true,
    });
const number = (min: number, max: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
const discordIds = z
  .string()
  .regex(/^\d{1,20}(\s*,\s*\d{1,20})*$/, "must be Discord's ids, parted by commas")
  .transform((text) => text.split(',').map((id) => id.trim()));
const onOff = z.union(
  [z.boolean(), z.stringbool({ truthy: ['on', 'true', '1', 'yes'], falsy: ['off', 'false', '0', 'no'] })],
  {
    error: 'must be on or off',
  },
);
const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });
const proxies = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine((list) => list.every(isNetwork), 'must be addresses or networks such as 10.0.0.0/8, parted by commas');
/** An address that paths are put behind, which may be given with a slash at its end. */
const serverAddress = url('http:', 'https:').transform((address) => address.replace(/\/+$/, ''));

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}

/** One thing that an operator can set: in easel.config.json by this key, in the environment as ENV_NAME. */
export interface Key {
  readonly description: string;
  readonly schema: z.ZodType;
  /** Never shown, and also read from the file that ENV_NAME_FILE names. */
  readonly secret?: true;
}

/** Everything that can be set. The environment wins over the file. */
export const keys = {
  dataDir: {
    description: 'Folder of the embedded store, the pictures and the caches',
    schema: z.string().min(1).default('.easel'),
  },
  databaseUrl: {
    description: 'Postgres instead of the embedded store',
    schema: url('postgres:', 'postgresql:').optional(),
    secret: true,
  },
  redisUrl: {
    description: 'Redis for the queue and live progress, for several processes',
    schema: url('redis:', 'rediss:').optional(),
    secret: true,
  },
  host: { description: 'Address that the page listens on', schema: z.string().min(1).default('127.0.0.1') },
  port: { description: 'Port of the page; 0: any free one', schema: number(0, 65_535).default(3000) },
  publicUrl: {
    description: 'Address of the page where a proxy passes requests on; people then sign in',
    schema: url('http:', 'https:')
      .refine((address) => new URL(address).pathname === '/', 'must have no path: give the page a host of its own')
      .optional(),
  },
  trustedProxies: {
    description:
      'Addresses or networks of proxies on other machines, parted by commas: they say whose requests they pass on',
    schema: proxies.optional(),
  },
  monitorPort: {
    description: 'Port for /healthz, /readyz and /metrics; unset: none',
    schema: number(0, 65_535).optional(),
  },
  models: {
    description: 'Models that may be asked for; the first is the default',
    schema: z.array(modelSchema).min(1, 'must name at least one model').default([MINIATURE]),
  },
  upscalers: {
    description: 'Networks that enlarge pictures (ESRGAN, .safetensors), beside the one that comes with Easel',
    schema: z.array(upscalerSchema).default([]),
  },
  upscalerFolder: {
    description:
      'Folder whose .safetensors are such networks, each called as its file; unset: `upscalers` in the data folder',
    schema: z.string().min(1).optional(),
  },
  classifier: {
    description:
      'Image classifier (ONNX folder of the Hub) that looks at every finished picture, and what its labels mean',
    schema: classifierSchema.optional(),
  },
  pictureLabel: {
    description: 'Words drawn on every picture that is delivered, such as AI; unset: none',
    schema: z.string().trim().min(1).max(60).optional(),
  },
  modelDir: {
    description: 'Folder whose checkpoints are models too, as they come and go; unset: `models` in the data folder',
    schema: z.string().min(1).optional(),
  },
  loraDir: {
    description: 'Folder of LoRAs, named in prompts by their files; unset: `loras` in the data folder',
    schema: z.string().min(1).optional(),
  },
  embeddingDir: {
    description: 'Folder of textual inversion embeddings; unset: `embeddings` in the data folder',
    schema: z.string().min(1).optional(),
  },
  wildcardDir: {
    description: 'Folder of texts, of which __name__ in a prompt takes a line; unset: `wildcards` in the data folder',
    schema: z.string().min(1).optional(),
  },
  hfEndpoint: {
    description: 'Where `easel pull` gets models: the Hugging Face hub or another server with its API',
    schema: serverAddress.default('https://huggingface.co'),
  },
  hfToken: {
    description: 'The token for private and gated models there (hf_...)',
    schema: z.string().min(1).optional(),
    secret: true,
  },
  provider: { description: 'What computes', schema: oneOf('cpu', 'cuda', 'webgpu').default('cpu') },
  threads: { description: 'Threads of the engine; 0: one a core', schema: number(0, 1024).default(0) },
  arithmetic: {
    description: 'What full-size models are computed in on a CPU; auto: the fastest of these as measured here',
    schema: oneOf('auto', 'float32', 'int8-linear', 'int8').default('auto'),
  },
  memoryLimit: {
    description: 'Memory that models may take, such as 12GB; unset: three quarters of the machine’s',
    schema: byteCount.optional(),
  },
  maxBatch: { description: 'Pictures that may share a step', schema: number(1, 64).default(8) },
  jobsAtOnce: { description: 'Jobs that a worker draws at a time', schema: number(1, 64).optional() },
  worker: { description: 'Whether `easel serve` draws by itself', schema: onOff.default(true) },
  jobDeadlineSeconds: {
    description: 'After this long the engine is taken for stuck and killed',
    schema: number(1, 86_400).default(900),
  },
  logLevel: {
    description: 'How much is logged',
    schema: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  },
  otelExporterOtlpEndpoint: {
    description: 'OpenTelemetry collector for traces (OTLP over HTTP), such as http://127.0.0.1:4318; unset: none',
    schema: url('http:', 'https:').optional(),
  },
  discordToken: { description: "The Discord bot's token", schema: z.string().min(1).optional(), secret: true },
  discordApplicationId: {
    description: "The Discord application's id",
    schema: z
      .string()
      .regex(/^\d{1,20}$/, 'must be the digits that Discord shows as the application id')
      .optional(),
  },
  discordClientSecret: {
    description: "The Discord application's client secret, with which people may sign in at the page",
    schema: z.string().min(1).optional(),
    secret: true,
  },
  pageAdmins: {
    description: "Discord's ids of the page's admins, parted by commas",
    schema: discordIds.optional(),
  },
  pageGuilds: {
    description: "Discord's ids of guilds whose members may use the page, parted by commas",
    schema: discordIds.optional(),
  },
  directMessages: {
    description: 'Whether Easel draws in direct and group conversations, where no server sets rules',
    schema: onOff.default(true),
  },
  directSettings: {
    description: 'A file from /easel-admin export: the rules of direct and group conversations',
    schema: z.string().min(1).optional(),
  },
  discordApiUrl: { description: "Another server that speaks Discord's API", schema: serverAddress.optional() },
  slackBotToken: {
    description: "The Slack bot's token (xoxb-...)",
    schema: z.string().min(1).optional(),
    secret: true,
  },
  slackAppToken: {
    description: "The Slack app's token for Socket Mode (xapp-...)",
    schema: z.string().min(1).optional(),
    secret: true,
  },
  slackSigningSecret: {
    description: "The Slack app's signing secret, for events over HTTP",
    schema: z.string().min(1).optional(),
    secret: true,
  },
  slackApiUrl: { description: "Another server that speaks Slack's API", schema: url('http:', 'https:').optional() },
  slackPort: {
    description: 'Port for Slack events over HTTP; unset: Socket Mode',
    schema: number(0, 65_535).optional(),
  },
  keepPicturesDays: {
    description: 'Pictures are kept for so long, their recipes for longer; unset: for ever',
    schema: number(1, 36_500).optional(),
  },
  keepHandoffsDays: {
    description:
      'Hand-off latents (refining runs only the tail from them) are kept for so long; unset: as the pictures',
    schema: number(1, 36_500).optional(),
  },
  keepJobsDays: {
    description: 'Requests that have no picture any more are kept for so long; unset: for ever',
    schema: number(1, 36_500).optional(),
  },
  keepConversationsDays: {
    description: "The page's conversations are kept for so long; unset: for ever",
    schema: number(1, 36_500).optional(),
  },
  keepAuditDays: {
    description: "Entries of the admins' log are kept for so long; unset: for ever",
    schema: number(1, 36_500).optional(),
  },
  keepUsageDays: {
    // Charts look back 90 days.
    description: 'The ledger and its hourly sums are kept for so long; unset: for ever',
    schema: number(100, 36_500).optional(),
  },
  s3Endpoint: {
    description: 'S3 server for the pictures instead of a folder',
    schema: serverAddress.optional(),
  },
  s3Bucket: { description: 'Bucket for the pictures', schema: z.string().min(1).optional() },
  s3Region: { description: 'Region of the bucket', schema: z.string().min(1).default('us-east-1') },
  s3AccessKeyId: { description: 'S3 access key', schema: z.string().min(1).optional(), secret: true },
  s3SecretAccessKey: { description: 'S3 secret key', schema: z.string().min(1).optional(), secret: true },
} as const satisfies Readonly<Record<string, Key>>;

export type KeyName = keyof typeof keys;
export const keyNames = Object.keys(keys).filter((name): name is KeyName => name in keys);
export type Values = { readonly [Name in KeyName]: z.output<(typeof keys)[Name]['schema']> };

/** `jobDeadlineSeconds` is JOB_DEADLINE_SECONDS in the environment. */
export function environmentName(key: KeyName): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Paths in a configuration are relative to the folder that it was read in. */
export function absolutePath(path: string, folder: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
