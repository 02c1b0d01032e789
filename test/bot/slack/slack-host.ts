import { defineCommand } from '../../../commands/command.ts';
import type { Reply } from '../../../commands/reply.ts';
import type { CommandRequest } from '../../../commands/request.ts';
import { plainMessage, ScriptedHost } from '../platform-harness.ts';

const notRun = async () => plainMessage('');

/** The suite's host with reactions, suggestions, and commands that use every kind of option. */
export class SlackHost extends ScriptedHost {
  override readonly commands = [
    defineCommand({
      name: 'imagine',
      description: 'Draw a picture from words',
      permission: 'everyone',
      options: {
        prompt: { type: 'string', description: 'What to draw', required: true, maxLength: 4000, multiline: true },
        seed: { type: 'integer', description: 'The same seed draws the same', min: 0, max: Number.MAX_SAFE_INTEGER },
        guidance: { type: 'number', description: 'How closely', min: 0, max: 50 },
        model: { type: 'string', description: 'Which model', maxLength: 100, autocomplete: 'model' },
        lora: { type: 'string', description: 'LoRAs', maxLength: 600, autocomplete: 'lora', list: true },
        refine: { type: 'string', description: 'Refiner', maxLength: 10, choices: ['auto', 'on', 'off'] },
        private: { type: 'boolean', description: 'Only for you' },
        init: { type: 'attachment', description: 'A picture to start from' },
      },
      run: notRun,
    }),
    defineCommand({
      name: 'refine',
      description: 'Refine',
      permission: 'everyone',
      options: { target: { type: 'string', description: 'Which', maxLength: 60 } },
      onPicture: { label: 'Refine', reactions: ['sparkles'] },
      run: notRun,
    }),
    defineCommand({
      name: 'edit',
      description: 'Edit',
      permission: 'everyone',
      options: { target: { type: 'string', description: 'Which', maxLength: 60 } },
      onPicture: { label: 'Edit', reactions: ['pencil2'] },
      run: notRun,
    }),
    defineCommand({
      name: 'reproduce',
      description: 'Draw again from an id or a picture',
      permission: 'everyone',
      options: {
        target: { type: 'string', description: 'Which', maxLength: 60 },
        picture: { type: 'attachment', description: 'A picture that Easel made' },
      },
      run: notRun,
    }),
    defineCommand({ name: 'quota', description: 'Your quota', permission: 'everyone', options: {}, run: notRun }),
    defineCommand({ name: 'history', description: 'Your pictures', permission: 'everyone', options: {}, run: notRun }),
    defineCommand({ name: 'help', description: 'What there is', permission: 'everyone', options: {}, run: notRun }),
    defineCommand({
      name: 'easel-admin ban',
      description: 'Ban a member',
      permission: 'admin',
      options: {
        user: { type: 'user', description: 'Whom', required: true },
        reason: { type: 'string', description: 'Why', maxLength: 200 },
      },
      run: notRun,
    }),
  ];
  reactions: Record<string, string> = { sparkles: 'refine', pencil2: 'edit' };

  override async dispatch(request: CommandRequest): Promise<Reply> {
    this.requests.push(request);
    this.replyTo = request.replyTo;
    return this.answer(request);
  }

  override async reactionCommand(_guild?: unknown, reaction = ''): Promise<string | null> {
    return this.reactions[reaction] ?? null;
  }

  override async suggest(
    _request?: unknown,
    option = '',
    typed = '',
  ): Promise<readonly { name: string; value: string }[]> {
    return [{ name: `${option} ${typed} & co`, value: `${option}-${typed}` }];
  }
}
