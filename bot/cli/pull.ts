import { Command } from 'commander';

/** What the flags hold, as commander names them. */
export interface PullFlags {
  readonly file?: string;
  readonly revision: string;
  readonly variant: string;
}

/** `easel pull`: brings a model from the Hugging Face hub into the model folder. */
export function pullCommand(): Command {
  return new Command('pull')
    .description('Fetch a model from the Hugging Face hub into the model folder; run again, it goes on where it was')
    .argument('<repo>', 'OWNER/NAME, or OWNER/NAME/FILE.safetensors for a single file, or its address on the hub')
    .option('--file <path>', 'a single file of the repository')
    .option('--revision <name>', 'a branch, tag or commit', 'main')
    .option('--variant <name>', 'the precision to prefer, such as fp16; full: the largest', 'fp16')
    .action(async (repo: string, flags: PullFlags) => {
      const { runPull } = await import('./run-pull.ts');
      await runPull(repo, flags);
    });
}
