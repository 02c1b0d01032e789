import { join } from 'node:path';
import { absolutePath, type ClassifierEntry, type ModelEntry, type UpscalerEntry, type Values } from './keys.ts';
import { type PageSignInConfig, pageSignInOf } from './page-sign-in.ts';
import { secretsOf } from './secrets.ts';
import { upscalersOf } from './upscalers.ts';

export type { ModelEntry, UpscalerEntry } from './keys.ts';

export interface DiscordConfig {
  readonly token: string;
  readonly applicationId: string | undefined;
  readonly apiUrl: string | undefined;
}

export interface SlackConfig {
  readonly botToken: string;
  /** Socket Mode. */
  readonly appToken: string | undefined;
  /** Events over HTTP. */
  readonly signingSecret: string | undefined;
  readonly port: number | undefined;
  readonly apiUrl: string | undefined;
}

export interface S3Config {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** For how many days things are kept; null: for ever. */
export interface RetentionPolicy {
  readonly pictureDays: number | null;
  readonly handoffDays: number | null;
  readonly jobDays: number | null;
  readonly turnDays: number | null;
  readonly auditDays: number | null;
  readonly usageDays: number | null;
}

export interface HubConfig {
  readonly endpoint: string;
  readonly token: string | undefined;
}

/** What an operator has set; all paths are absolute. */
export interface Config {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Of the monitor: health and metrics, for operators only. */
  readonly monitorPort: number | undefined;
  readonly publicUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly models: readonly ModelEntry[];
  /** Whatever checkpoint lies here is a model, too. */
  readonly modelDir: string;
  readonly upscalers: readonly UpscalerEntry[];
  /** Where `easel pull` puts more of them. */
  readonly upscalerDir: string;
  readonly classifier: ClassifierEntry | undefined;
  readonly pictureLabel: string | undefined;
  readonly loraDir: string;
  readonly embeddingDir: string;
  readonly wildcardDir: string;
  /** Where models are pulled from, and by whose account. */
  readonly hub: HubConfig;
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  readonly threads: number;
  readonly arithmetic: Values['arithmetic'];
  /** Bytes. */
  readonly memoryLimit: number | undefined;
  readonly maxBatch: number;
  /** Jobs that a worker draws at a time. */
  readonly jobsAtOnce: number;
  readonly worker: boolean;
  readonly jobDeadlineSeconds: number;
  readonly logLevel: Values['logLevel'];
  /** Of an OpenTelemetry collector. */
  readonly otelEndpoint: string | undefined;
  readonly pageSignIn: PageSignInConfig | null;
  /** Whether it draws in direct and group conversations. */
  readonly directMessages: boolean;
  readonly directSettings: string | undefined;
  readonly discord: DiscordConfig | null;
  readonly slack: SlackConfig | null;
  readonly s3: S3Config | null;
  readonly retention: RetentionPolicy;
  /** All secrets of the above, for `redactor`. */
  readonly secrets: readonly string[];
}

/**
 * A processor is busy with one picture: more of them at a time only keep one another waiting, and what comes later delays
 * what is being drawn, so that no time which was promised holds.
 */
const JOBS_AT_ONCE_ON_CPU = 1;

/** Puts the single values together, and notes in `problems` what does not go together. */
export function configOf(values: Values, folder: string, problems: string[]): Config {
  const { dataDir, models, discordToken, slackBotToken } = values;
  const names = models.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`MODELS names ${twice} twice: give each model its own name.`);
  if (slackBotToken !== undefined && values.slackAppToken === undefined && values.slackSigningSecret === undefined) {
    problems.push(
      'SLACK_BOT_TOKEN needs SLACK_APP_TOKEN beside it (Socket Mode), or SLACK_SIGNING_SECRET and SLACK_PORT (HTTP).',
    );
  }
  const upscalerDir = absolutePath(values.upscalerFolder ?? join(dataDir, 'upscalers'), folder);
  return {
    dataDir: absolutePath(dataDir, folder),
    databaseUrl: values.databaseUrl,
    redisUrl: values.redisUrl,
    host: values.host,
    port: values.port,
    monitorPort: values.monitorPort,
    publicUrl: values.publicUrl,
    trustedProxies: values.trustedProxies ?? [],
    modelDir: absolutePath(values.modelDir ?? join(dataDir, 'models'), folder),
    models: models.map((model) => absoluteModel(model, folder)),
    upscalers: upscalersOf(values.upscalers, upscalerDir, values.upscalerFolder !== undefined, folder, problems),
    upscalerDir,
    classifier: values.classifier && {
      ...values.classifier,
      folder: absolutePath(values.classifier.folder, folder),
    },
    pictureLabel: values.pictureLabel,
    loraDir: absolutePath(values.loraDir ?? join(dataDir, 'loras'), folder),
    embeddingDir: absolutePath(values.embeddingDir ?? join(dataDir, 'embeddings'), folder),
    wildcardDir: absolutePath(values.wildcardDir ?? join(dataDir, 'wildcards'), folder),
    hub: { endpoint: values.hfEndpoint, token: values.hfToken },
    provider: values.provider,
    threads: values.threads,
    arithmetic: values.arithmetic,
    memoryLimit: values.memoryLimit,
    maxBatch: values.maxBatch,
    jobsAtOnce: values.jobsAtOnce ?? (values.provider === 'cpu' ? JOBS_AT_ONCE_ON_CPU : values.maxBatch),
    worker: values.worker,
    jobDeadlineSeconds: values.jobDeadlineSeconds,
    logLevel: values.logLevel,
    otelEndpoint: values.otelExporterOtlpEndpoint,
    pageSignIn: pageSignInOf(values, problems),
    directMessages: values.directMessages,
    directSettings: values.directSettings && absolutePath(values.directSettings, folder),
    discord:
      discordToken === undefined
        ? null
        : { token: discordToken, applicationId: values.discordApplicationId, apiUrl: values.discordApiUrl },
    slack:
      slackBotToken === undefined
        ? null
        : {
            botToken: slackBotToken,
            appToken: values.slackAppToken,
            signingSecret: values.slackSigningSecret,
            port: values.slackPort,
            apiUrl: values.slackApiUrl,
          },
    s3: s3Of(values, problems),
    retention: {
      pictureDays: values.keepPicturesDays ?? null,
      handoffDays: values.keepHandoffsDays ?? null,
      jobDays: values.keepJobsDays ?? null,
      turnDays: values.keepConversationsDays ?? null,
      auditDays: values.keepAuditDays ?? null,
      usageDays: values.keepUsageDays ?? null,
    },
    secrets: secretsOf(values),
  };
}

/** The folder for what can be made again: hashes, measurements. */
export function cacheFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'cache');
}

function absoluteModel({ base, refiner, vae, ...rest }: ModelEntry, folder: string): ModelEntry {
  return {
    ...rest,
    base: absolutePath(base, folder),
    refiner: refiner === null ? null : absolutePath(refiner, folder),
    ...(vae !== undefined && { vae: absolutePath(vae, folder) }),
  };
}

function s3Of(values: Values, problems: string[]): S3Config | null {
  const {
    s3Endpoint: endpoint,
    s3Bucket: bucket,
    s3AccessKeyId: accessKeyId,
    s3SecretAccessKey: secretAccessKey,
  } = values;
  if (endpoint === undefined && bucket === undefined) return null;
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    problems.push('S3 needs all of S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.');
    return null;
  }
  return { endpoint, bucket, region: values.s3Region, accessKeyId, secretAccessKey };
}
