import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { hideEnvironment } from '../../config/hide-environment.ts';
import { givenSecrets } from '../../config/load.ts';
import { redactor } from '../../config/secrets.ts';
import { tellCrashes } from './crash.ts';
import { discordCommand } from './discord.ts';
import { doctorCommand } from './doctor.ts';
import { failureOf } from './failure.ts';
import { imagineCommand } from './imagine.ts';
import { inspectCommand } from './inspect.ts';
import { modelsCommand } from './models.ts';
import { pullCommand } from './pull.ts';
import { serveCommand } from './serve.ts';
import { slackCommand } from './slack.ts';
import { hideOnTerminal, printError } from './terminal.ts';
import { upscaleCommand } from './upscale.ts';
import { workerCommand } from './worker.ts';

hideEnvironment();

/**
 * `easel`: one file a subcommand. What a subcommand needs is loaded when it runs, so that help is quick and drawing
 * a picture loads no chat platform and no store.
 */
const program = new Command('easel')
  .description('Draws pictures with Stable Diffusion XL: on Discord, on Slack, on a local page, and right here.')
  .version(version())
  .exitOverride()
  .configureOutput({ outputError: (text) => printError(text.replace(/^error:/, 'easel:')) });
const subcommands = [
  imagineCommand(),
  upscaleCommand(),
  serveCommand(),
  workerCommand(),
  doctorCommand(),
  inspectCommand(),
  pullCommand(),
  modelsCommand(),
  discordCommand(),
  slackCommand(),
];
for (const command of subcommands) program.addCommand(command.copyInheritedSettings(program));

const redact = redactor(givenSecrets());
tellCrashes(redact);
hideOnTerminal(redact);
try {
  await program.parseAsync();
} catch (error) {
  const { exitCode, line } = failureOf(error);
  if (line !== null) printError(`easel: ${line}\n`);
  process.exitCode = exitCode;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
