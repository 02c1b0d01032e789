import { z } from 'zod';
import { ARITHMETICS, type EngineEvent, type EngineRequest } from '../../commands/engine.ts';
import { examineDevice } from '../graph/device.ts';
import { endWithParent } from './end-with-parent.ts';
import { EngineServer } from './server.ts';

/**
 * The entry of the engine process: it owns ONNX Runtime, whose calls block the event loop, so that nothing else has to
 * live in this process and a stuck one can be killed. Its one argument is `EngineSettings` as JSON; it speaks
 * `commands/engine.ts` over the IPC channel and ends with its parent, also while a call or a file holds its event loop.
 */
endWithParent();

const ALIVE_MS = 5_000;
const settings = z
  .strictObject({
    provider: z.enum(['cpu', 'cuda', 'webgpu']),
    threads: z.int().min(0),
    arithmetic: z.enum(['auto', ...ARITHMETICS]).default('auto'),
    maxBatch: z.int().min(1),
    cacheFolder: z.string(),
    memoryLimit: z.int().min(1).optional(),
    previews: z.boolean(),
    classifier: z.strictObject({ folder: z.string(), labels: z.array(z.string()) }).exactOptional(),
  })
  .parse(JSON.parse(process.argv[2] ?? 'null'));

const send = (event: EngineEvent): void => {
  // A parent that is gone is told by `disconnect`, not by an error of every message on its way.
  if (process.connected) process.send?.(event, undefined, undefined, () => {});
};
const server = new EngineServer({ ...settings, device: await examineDevice(settings.provider) }, send);

process.on('message', (request: EngineRequest) => server.receive(request));
// A terminal's Ctrl-C reaches the whole process group; the parent decides what becomes of the engine.
process.on('SIGINT', () => {});
setInterval(() => send({ type: 'alive' }), ALIVE_MS).unref();
send({ type: 'ready' });
