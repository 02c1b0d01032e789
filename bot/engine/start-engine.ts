import { fileURLToPath } from 'node:url';
import type { EngineSettings } from '../../commands/engine.ts';
import { EngineClient } from './engine-client.ts';
import { EnginePair } from './engine-pair.ts';

/** `inference/engine/main.ts`, as `bin/compile.js` made it: also for a test or a tool that runs from source. */
const ENTRY = fileURLToPath(new URL('../../dist/engine.js', import.meta.url));

/** What the process that draws is told by, in lists of processes. */
export const DRAWER = 'draws';
/** A file that takes longer in silence is refused. */
const SILENCE_SECONDS = 60;

/**
 * Starts the process that owns ONNX Runtime, and one for reading files whenever there are some. They are started anew after
 * a crash, and never outlive this process.
 */
export function startEngine(settings: EngineSettings, onCrash: (message: string) => void = () => {}): EnginePair {
  const parts = { entry: ENTRY, nodeOptions: ['--enable-source-maps'], onCrash };
  return new EnginePair(
    new EngineClient({ ...parts, settings, role: DRAWER }),
    // It computes nothing, so it needs no device.
    new EngineClient({
      ...parts,
      settings: {
        ...settings,
        provider: 'cpu',
        ...(settings.provider !== 'cpu' && { arithmetic: 'float32' as const }),
      },
      role: 'reads-files',
      silenceSeconds: SILENCE_SECONDS,
    }),
  );
}
