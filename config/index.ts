export {
  type Config,
  cacheFolder,
  type DiscordConfig,
  type HubConfig,
  type ModelEntry,
  type RetentionPolicy,
  type S3Config,
  type SlackConfig,
  type UpscalerEntry,
} from './config.ts';
export { engineEnvironment } from './engine-environment.ts';
export { CONFIG_FILE, ConfigError, givenSecrets, loadConfig } from './load.ts';
export { createLogger, cutValues, type Logger } from './logger.ts';
export { type ModelAccess, modelAccessSchema } from './model-access.ts';
export type { PageSignInConfig } from './page-sign-in.ts';
export { redactor } from './secrets.ts';
