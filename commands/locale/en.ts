import type { OptionDefinition } from '../options.ts';
import { roundedPrice } from '../rounded-price.ts';
import { enAdmin } from './en-admin.ts';
import { enFailures } from './en-failures.ts';
import { enFiles } from './en-files.ts';
import { enPrompts } from './en-prompts.ts';
import { enQuota } from './en-quota.ts';

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
const plural = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;

/** What an option takes, as the end of a sentence: "a whole number from 1 to 200". */
function allowed(definition: OptionDefinition): string {
  switch (definition.type) {
    case 'string':
      return definition.choices === undefined
        ? (definition.minLength ?? 1) > 1
          ? `text of ${definition.minLength} to ${plural(definition.maxLength, 'character', 'characters')}`
          : `text of at most ${plural(definition.maxLength, 'character', 'characters')}`
        : `one of ${definition.choices.join(', ')}`;
    case 'integer':
      return `a whole number from ${number(definition.min)} to ${number(definition.max)}`;
    case 'number':
      return `a number from ${number(definition.min)} to ${number(definition.max)}`;
    case 'boolean':
      return 'on or off';
    case 'attachment':
      return 'a file';
    case 'user':
      return 'a person';
    case 'role':
      return 'a role';
    case 'channel':
      return 'a channel';
    default:
      return definition satisfies never;
  }
}

/** The fixed texts in English; their type is what every other language must have. */
export const en = {
  admin: enAdmin,
  prompts: enPrompts,
  quota: enQuota,
  files: enFiles,
  failures: enFailures,
  options: {
    unknown: (name: string, known: readonly string[]) =>
      `There is no option ${name} here; there ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ') || 'none'}.`,
    missing: (name: string, description: string) => `${name} is missing: ${description}`,
    invalid: (name: string, given: string, definition: OptionDefinition) =>
      `${name}: ${given} is not possible; it takes ${allowed(definition)}.`,
    characters: (count: number) => plural(count, 'character', 'characters'),
    unreadable: 'These options cannot be read.',
    noValue: (name: string, definition: OptionDefinition) => `--${name} needs a value: ${allowed(definition)}.`,
    twice: (name: string) => `${name} is given twice; give it once.`,
    none: (text: string) => `This command takes no text, but "${text.slice(0, 40)}" was given.`,
  },
  /** What a command or an option says of itself, by the English of its definition. */
  describe: (english: string): string => english,
  /** Commands in the menu of every message. */
  menu: { refine: 'Refine', reproduce: 'Reproduce' },
  unknownCommand: (given: string, near: readonly string[]) =>
    near.length === 0
      ? `There is no command "${given.slice(0, 40)}"; /help lists them.`
      : `There is no command "${given.slice(0, 40)}"; did you mean ${near.map((name) => `/${name}`).join(', ')}?`,
  recipe: {
    size: (given: string) => `size: "${given}" is not a size; it takes WIDTHxHEIGHT in pixels, such as 320x192.`,
    sizeLimits: (given: string, min: number, max: number, nearest: string) =>
      `size: ${given} is not possible; each side is a multiple of 8 from ${min} to ${max}, and the nearest is ${nearest}.`,
    sizeAndAspect: 'Give size or aspect, not both.',
    aspect: (given: string) => `aspect: "${given}" is not a ratio; it takes WIDTH:HEIGHT, such as 16:9.`,
    sampler: (given: string, known: readonly string[]) =>
      `sampler: "${given}" is not known; there are: ${known.join(', ')}.`,
    refine: (given: string) =>
      `refine: "${given}" is not possible; it takes on, off or the share of the steps that the base takes, such as 0.8.`,
    noRefiner: (model: string) => `refine: the model ${model} has no refiner; use refine off.`,
    notServed: (names: readonly string[]) => `This recipe needs what is not served here: ${names.join(', ')}.`,
    strengthWithoutPicture: 'strength: there is no picture to start from; give one.',
    maskWithoutPicture: 'mask: there is no picture that it is for; give one.',
    tooFewSteps: (strength: number, steps: number) =>
      `strength: ${strength} of ${plural(steps, 'step', 'steps')} is less than one step; take more steps or strength.`,
    tooLong: (name: string, given: number, most: number) =>
      `${name}: ${plural(given, 'character', 'characters')} are too many; it takes at most ${number(most)}.`,
  },
  targets: {
    missing: 'Which picture? Press the button under it, or give its id.',
    noneThere: 'There is no picture on that message, or not any more.',
    unreadable: (given: string) => `"${given.slice(0, 60)}" is no id of a picture, a request or a recipe.`,
    unknown: (given: string) => `There is nothing here with the id ${given}; it may have been deleted.`,
    gone: 'That picture is not here any more; it may have been deleted.',
    expired: (recipe: string) => `That picture is no longer kept here. Its recipe draws it again: /reproduce ${recipe}`,
    noPictures: 'That request has no pictures yet.',
    cameToNothing: 'That request came to nothing, so it has no pictures.',
    needsPicture: (recipe: string) =>
      `${recipe} is a recipe; this needs a picture. Draw it first: /reproduce ${recipe}`,
    whichPicture: (request: string, count: number) =>
      `That request has ${count} pictures. Say which, as in ${request}:1 for the first.`,
    notYours: 'Only the person who asked for it, or an admin, may do that.',
  },
  away: {
    unreached: 'Easel is busy right now; nothing was charged. Please try again in a moment.',
    lost: 'Easel was interrupted. If nothing comes within a minute, please try again; only what comes is charged.',
  },
  fault: (id: string) =>
    `Something broke on our side; nothing was charged. The operator finds it in the log under ${id}.`,
  /** Beneath what went wrong with a request. */
  reference: (id: string) => `The operator finds this request in the log under ${id}.`,
  rules: {
    notDirect: 'Easel does not draw in direct conversations here: ask in a server that has it.',
    adminsOnly: 'Only an admin of this place may do that.',
    paused: 'Easel is paused here; an admin can resume it.',
    draining: 'Easel takes no new requests for the moment; please try again later.',
    bannedSince: 'Whoever asked for this may not use Easel there any more.',
    banned: 'You may not use Easel here; ask an admin.',
    channel: (known: readonly string[], count: number) =>
      known.length === 0
        ? 'Easel does not draw in this channel.'
        : `Easel does not draw in this channel, but in: ${known.join(', ')}${count > known.length ? ', …' : ''}.`,
    model: (model: string, known: readonly string[]) =>
      `The model ${model} is not allowed here; there are: ${known.join(', ')}.`,
    unknownModel: (given: string, known: readonly string[]) =>
      `There is no model "${given.slice(0, 60)}" for you here; there are: ${known.join(', ') || 'none'}.`,
    modelAway: (model: string) => `No worker serves the model ${model} at the moment: try again in a minute.`,
    lora: (lora: string, known: readonly string[]) =>
      `The LoRA ${lora} is not allowed here; there are: ${known.join(', ')}.`,
    style: (style: string, known: readonly string[]) =>
      `style: "${style}" is not known here; there are: ${known.join(', ') || 'none'}.`,
    pixels: (size: string, most: number) =>
      `size: ${size} is larger than is allowed here: ${number(most)} pixels in all.`,
    steps: (given: number, most: number) => `steps: ${given} is more than is allowed here: ${most}.`,
    blocked: (entry: string) => `The prompt contains "${entry}", which is blocked here.`,
    adultNever: 'Adult prompts are not allowed here.',
    adultElsewhere: 'Adult prompts are allowed only in channels that are restricted by age.',
  },
  work: {
    summary: (prompt: string, details: string) => `${prompt} · ${details}`,
    steps: (steps: number) => plural(steps, 'step', 'steps'),
    seed: (seed: number) => `seed ${seed}`,
    pictures: (count: number) => plural(count, 'picture', 'pictures'),
    ofPrompts: (pictures: number, prompts: number) =>
      `${plural(pictures, 'picture', 'pictures')} of ${plural(prompts, 'prompt', 'prompts')}`,
    refined: 'refined',
    enlarged: (factor: number) => `enlarged ${factor} times`,
    detailed: (factor: number) => `enlarged ${factor} times with new detail`,
    varied: 'variation',
    inpainted: 'a part drawn anew',
    zoomedOut: 'zoomed out',
    panned: 'extended to one side',
    price: (seconds: number) => enQuota.amount(roundedPrice(seconds), 'seconds'),
    computedOtherwise: (arithmetic: string) =>
      `The first one was computed in ${arithmetic}, which no worker here does now: this one will differ a little.`,
    delayed: 'Busy: a part of Easel is just restarting. The request is kept and starts as soon as that is back.',
    alreadyRefined: 'This picture is refined already.',
    refineFirst: 'This picture is enlarged already; refine the one that it was made from.',
    alreadyUpscaled: (factor: number) => `This picture is enlarged ${factor} times already.`,
    tooLarge: (size: string, most: number) => `${size} would be too large; a side has at most ${most} pixels.`,
    upscaleMethod: (given: string, known: readonly string[]) =>
      `method: "${given}" is not known; there are: ${known.join(', ')}.`,
    modelGone: (model: string) => `The model ${model} of this recipe is not served here; /models lists those that are.`,
    modelNotServed: (model: string) =>
      `The model ${model} is not served any more; the picture costs nothing. Choose another one: /models lists them.`,
    filesNotServed: (names: readonly string[]) =>
      `No worker has the file of ${names.join(', ')} any more; the picture costs nothing. Ask without it: /extras lists what there is.`,
    notServedTogether: (names: readonly string[]) =>
      `No worker has all of this together: ${names.join(', ')}; the picture costs nothing. Ask with fewer of them.`,
    notYourUpload: 'This starts from a picture that somebody else uploaded: only they can draw from it.',
    noRecipeInPicture: 'This picture carries no recipe: give a PNG that Easel made, as it was downloaded.',
    whichRecipe: 'Which recipe? Give its id, or attach a picture that Easel made.',
  },
  /** Beneath a finished picture. */
  notes: {
    promptCut: (tokens: number) =>
      `The prompt is too long for the model: its last ${plural(tokens, 'token was', 'tokens were')} not read.`,
    partDrawn: (percent: number) => `Only the part that was marked (${number(percent)} %) was drawn anew.`,
    holeDrawn: (percent: number) =>
      `Only the transparent part (${number(percent)} %) was drawn anew; fill it to have the whole picture drawn.`,
    transparencyFilled: (percent: number) =>
      `The transparent part of the picture (${number(percent)} %) is too small to be meant: it was taken as white, and all was drawn.`,
    covered: (label: string) => `Hidden until clicked: it looks like "${label}".`,
  },
  cancel: {
    nothing: 'You have nothing in the queue.',
    cancelled: 'Cancelled; it costs nothing.',
    stopping: 'Stopping before the next step; it costs nothing.',
    finished: 'That is finished already.',
  },
  deleted: {
    pictures: (count: number) => `${plural(count, 'picture', 'pictures')} deleted.`,
    already: 'Deleted before it was shown.',
  },
  edit: { title: 'Edit and draw again', more: 'More options' },
  inpaint: {
    title: 'Draw a part anew',
    mask: 'Which part',
    hint: 'As a picture: white where to draw and black elsewhere, or with a hole there',
  },
  fields: {
    fastBy: (steps: number) => `the whole network every ${steps} steps`,
    refineOff: 'off',
    refineFrom: (share: number) => `after ${Math.round(share * 1000) / 10} % of the steps`,
    place: (width: number, height: number, x: number, y: number) => `${width}x${height} at ${x}, ${y}`,
    maskValue: 'under a mask',
    detail: 'with new detail',
  },
  show: {
    title: (id: string) => `Recipe ${id}`,
    expired: 'The picture itself is no longer kept here; its recipe draws it again.',
  },
  buttons: {
    refine: 'Refine',
    upscale: 'Upscale',
    upscale4: 'Upscale 4x',
    detail: 'Upscale creative',
    vary: 'Vary',
    varySubtle: 'Vary subtle',
    varyStrong: 'Vary strong',
    inpaint: 'Inpaint',
    more: 'More',
    zoomOut: (factor: string) => `Zoom out ${factor}x`,
    pan: { left: 'Pan left', right: 'Pan right', up: 'Pan up', down: 'Pan down' },
    again: 'Again',
    edit: 'Edit',
    delete: 'Delete',
    cancel: 'Cancel',
    reproduce: 'Draw this',
    older: 'Older',
    forget: 'Delete everything of mine',
  },
  help: {
    title: 'What Easel can do',
    footer: '/help with a command tells its options.',
    required: 'required',
    takes: allowed,
    admins: 'Admins',
  },
  queue: {
    title: 'Queue',
    empty: 'Nothing is waiting.',
    /** `place` counts from 0; null: it is being drawn. */
    line: (place: number | null, what: string, seconds: number) =>
      `${place === null ? '▶' : `${place + 1}.`} ${what} · about ${number(Math.ceil(seconds))} s`,
    yours: 'yours',
    privateJob: 'a private request',
    running: 'being drawn',
  },
  history: {
    title: 'Your pictures',
    empty: 'You have no pictures here yet: /imagine draws one.',
  },
  models: {
    title: 'Models',
    line: (size: string, sampler: string, steps: number, refiner: boolean) =>
      `${size}, ${sampler}, ${plural(steps, 'step', 'steps')}${refiner ? ', with a refiner' : ''}`,
    default: 'default',
    licence: (name: string) => `licence ${name}`,
    limited: 'not for everyone',
  },
  extras: {
    title: 'What a prompt may name',
    loras: 'LoRAs: <lora:name:0.8>',
    embeddings: 'Embeddings: their name, or embedding:name',
    wildcards: 'Wildcards: __name__',
    empty: 'There are no LoRAs, embeddings or wildcards here.',
  },
  styles: { title: 'Styles', empty: 'There are no styles here.' },
  preferences: {
    title: 'Your defaults',
    none: 'You have set none; those of this place and of the model hold.',
    saved: 'Saved.',
    reset: 'Your defaults are gone; those of this place and of the model hold.',
  },
  forget: {
    ask: 'Easel then forgets all your pictures, prompts and defaults, on all servers of this platform, for good. Messages that show them stay where they are: press Delete under those that are to go, before this.',
    done: (pictures: number, requests: number) =>
      `Forgotten: ${plural(pictures, 'picture', 'pictures')} and ${plural(requests, 'request', 'requests')}.`,
  },
};

export type Messages = typeof en;
