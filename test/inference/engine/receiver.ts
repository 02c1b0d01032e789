import { fileURLToPath } from 'node:url';
import {
  EngineError,
  type EngineEvent,
  type EngineProgress,
  type EngineResult,
  type EngineTask,
  type ModelSource,
} from '../../../commands/engine.ts';
import type { EngineServer } from '../../../inference/engine/server.ts';

const folder = (part: string): string => fileURLToPath(new URL(`../../../models/mini/${part}`, import.meta.url));

/** The bundled miniature. */
export const miniature: ModelSource = { base: folder('base'), refiner: folder('refiner') };

/** The bot's end of an engine's channel, in one process: sends tasks and sorts the answers. */
export function receiver() {
  const waiting = new Map<number, (event: EngineEvent) => void>();
  let nextId = 1;
  return {
    send(event: EngineEvent): void {
      if ('id' in event) waiting.get(event.id)?.(event);
    },
    /** Also gives the id to `onStart`, so that a test can cancel. */
    run(
      server: EngineServer,
      task: EngineTask,
      options: { onProgress?: (progress: EngineProgress) => void; onStart?: (id: number) => void } = {},
    ): Promise<EngineResult> {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, (event) => {
          if (event.type === 'progress') return options.onProgress?.(event.progress);
          waiting.delete(id);
          if (event.type === 'done') resolve(event.result);
          else if (event.type === 'failed') reject(new EngineError(event.code, event.message, event.subject));
          else reject(new Error(`The engine answered with ${event.type}.`));
        });
        server.receive({ type: 'run', id, task });
        options.onStart?.(id);
      });
    },
    expectNothingWaiting(): void {
      if (waiting.size > 0) throw new Error(`${waiting.size} tasks were never answered.`);
    },
  };
}
