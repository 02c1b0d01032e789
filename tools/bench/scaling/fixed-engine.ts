import type { EngineEvent, EngineRequest, EngineTask } from '../../../commands/engine.ts';
import { mini } from '../../../test/commands/memory-services.ts';

/** An engine process that takes a fixed time for a picture and computes nothing: its steps are the prompt's milliseconds / 4. */
const STEPS = 4;
const send = (event: EngineEvent): void => void process.send?.(event);

process.on('disconnect', () => process.exit(0));
process.on('message', (request: EngineRequest) => {
  switch (request.type) {
    case 'run':
      return void draw(request.id, request.task);
    case 'describe':
      return send({ type: 'described', id: request.id, description: mini });
    case 'shutdown':
      return process.disconnect();
    case 'cancel':
      return;
    default:
      return send({ type: 'failed', id: request.id, code: 'internal', message: 'This engine only draws.' });
  }
});
send({ type: 'ready' });

async function draw(id: number, task: EngineTask): Promise<void> {
  // As an engine does that has drawn before: a worker looks for the jobs of a model that is loaded.
  if (task.kind === 'draw') send({ type: 'loaded', models: [task.model] });
  const milliseconds = Number(task.recipe.prompt);
  for (let step = 1; step <= STEPS; step++) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds / STEPS));
    send({ type: 'progress', id, progress: { stage: 'drawing', step, steps: STEPS } });
  }
  const picture = Uint8Array.from(Buffer.from(`${process.pid} ${id}`));
  const computeSeconds = milliseconds / 1000;
  const result = { picture, width: 64, height: 64, handoff: null, computeSeconds, timings: {}, notes: [] };
  send({ type: 'done', id, result });
}
