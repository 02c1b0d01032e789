import { fileURLToPath } from 'node:url';
import type { EngineSettings } from '../../commands/engine.ts';
import { EngineClient } from './engine-client.ts';

/** `inference/engine/main.ts`, as `bin/compile.js` made it: also for a test or a tool that runs from source. */
const ENTRY = fileURLToPath(new URL('../../dist/engine.js', import.meta.url));

/** Starts the process that owns ONNX Runtime. It is started anew after a crash, and never outlives this process. */
export function startEngine(settings: EngineSettings, onCrash: (message: string) => void = () => {}): EngineClient {
  return new EngineClient({ entry: ENTRY, nodeOptions: ['--enable-source-maps'], settings, onCrash });
}
