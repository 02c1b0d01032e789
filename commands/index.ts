import { adminCommands } from './admin/index.ts';
import { reactionCommand } from './admin/reaction.ts';
import { importCommand } from './admin/settings-file.ts';
import type { Command } from './command.ts';
import { cancel } from './people/cancel.ts';
import { extras } from './people/extras.ts';
import { forgetMe } from './people/forget-me.ts';
import { helpCommand } from './people/help.ts';
import { history } from './people/history.ts';
import { models } from './people/models.ts';
import { preferences } from './people/preferences.ts';
import { queue } from './people/queue.ts';
import { quota } from './people/quota.ts';
import { styles } from './people/styles.ts';
import { again } from './pictures/again.ts';
import { remove } from './pictures/delete.ts';
import { edit } from './pictures/edit.ts';
import { imagine } from './pictures/imagine.ts';
import { inpaint } from './pictures/inpaint.ts';
import { more } from './pictures/more.ts';
import { pan } from './pictures/pan.ts';
import { refine } from './pictures/refine.ts';
import { reproduce } from './pictures/reproduce.ts';
import { show } from './pictures/show.ts';
import { upscale } from './pictures/upscale.ts';
import { vary } from './pictures/vary.ts';
import { zoomOut } from './pictures/zoom-out.ts';

/** Everything that people can ask for. A new command is a file and a line here. */
export const commands: readonly Command[] = [
  imagine,
  refine,
  upscale,
  vary,
  inpaint,
  zoomOut,
  pan,
  more,
  again,
  edit,
  show,
  reproduce,
  remove,
  cancel,
  queue,
  quota,
  history,
  preferences,
  styles,
  models,
  extras,
  helpCommand(() => commands),
  forgetMe,
  ...adminCommands,
  importCommand(() => commands),
  reactionCommand(() => commands),
];

/** The command with this name, or undefined. */
export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}
