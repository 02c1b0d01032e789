/** The page's own words in English; every other language has the same. The commands' words come from the server. */
export const en = {
  describe: 'Describe a picture',
  describeFully: 'Describe a picture, or type / for commands',
  welcome: 'What shall we draw?',
  welcomeMore: 'Describe it below, or begin with one of these. Type / for everything else.',
  conversation: 'Conversation',
  suggestions: 'Suggestions',
  attached: 'Attached pictures',
  attach: 'Attach a picture to start from',
  options: 'Options',
  send: 'Send',
  older: 'Show earlier pictures',
  invite: 'Invite',
  signOut: 'Sign out',
  signOutMore: 'Sign out here, or in every browser in which you have signed in? Your pictures stay.',
  signOutEverywhere: 'Everywhere',
  signOutHere: 'Here',
  operations: 'Operations',

  stages: {
    loading: 'Loading the model',
    encoding: 'Reading the prompt',
    drawing: 'Drawing',
    refining: 'Refining',
    decoding: 'Developing the picture',
    upscaling: 'Enlarging',
    working: 'Working',
  },
  /** @param {number} count */
  before: (count) => (count === 0 ? 'Next in line' : `${count} before you in line`),
  /** @param {number} step @param {number} steps */
  step: (step, steps) => `step ${step} of ${steps}`,
  /** @param {number} number @param {number} count */
  picture: (number, count) => `Picture ${number} of ${count}`,
  /** @param {number} seconds */
  about: (seconds) => `about ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
  /** @param {number} minutes */
  aboutMinutes: (minutes) => `about ${minutes} minutes`,
  restarting: 'Restarting: the picture begins again by itself',
  finishing: 'Finishing',
  stepsDone: 'Steps done',
  oneMoment: 'One moment',
  /** @param {string} files */
  with: (files) => `with ${files}`,

  actions: 'Actions',
  /** @param {number} number */
  actionsOf: (number) => `Actions for picture ${number}`,
  /** @param {string} alt */
  viewLarger: (alt) => `View larger: ${alt}`,
  /** @param {string} name */
  download: (name) => `Download ${name}`,
  /** @param {string} name */
  remove: (name) => `Remove ${name}`,
  showPicture: 'Show the picture',
  pictureGone: 'This picture is gone.',
  copyRecipe: 'Copy recipe',
  copyLink: 'Copy link',
  copied: 'Copied',

  paint: 'Paint',
  erase: 'Erase',
  brush: 'Brush',
  brushSize: 'Size',
  undo: 'Undo',
  clear: 'Clear',
  paintHow: 'Paint over what is to be drawn anew.',
  paintKeys: 'With keys: arrows move the brush, Space paints, Control+Z undoes.',
  nothingPainted: 'Paint over a part of the picture first.',

  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  draw: 'Draw',
  useThese: 'Use these',
  asUsual: 'as usual',
  /** @param {string} command */
  optionsOf: (command) => `Options of ${command}`,
  /** @param {number} min @param {number} max */
  range: (min, max) => `${min} to ${max}`,
  signInWithDiscord: 'Sign in with Discord',
  inviteSomeone: 'Invite someone',
  inviteMore: 'This link lets one browser in, once, within a day.',
  inviteLink: 'Invitation link',

  /** @param {number} count @param {string} duration */
  accepted: (count, duration) => `Accepted, ${count} before you in line, ${duration}.`,
  /** @param {number} count @param {string} alt */
  here: (count, alt) => (count === 1 ? `The picture is here: ${alt}` : `${count} pictures are here: ${alt}`),

  reconnecting: 'Reconnecting…',
  unreachable: 'Easel cannot be reached. Nothing was lost: try again in a moment.',
  /** Of a proxy before Easel, as a rule. @param {number} status */
  status: (status) =>
    new Map([
      [403, 'The server refused this. Reload the page; if that does not help, ask its operator.'],
      [413, 'This is too large for the server: send a smaller picture.'],
      [429, 'The server takes no more for now: wait a moment, then try again.'],
    ]).get(status) ?? `Easel cannot be reached just now (status ${status}). Nothing was lost: try again in a moment.`,
  whatToMake: 'Say what to make of the picture.',
  noCommand: 'There is no such command; type / to see them all.',
  /** @param {string} name */
  noPicture: (name) => `${name} is no PNG, JPEG, WebP or GIF picture.`,
  /** @param {string} name @param {number} megabytes */
  tooLarge: (name, megabytes) => `${name} is larger than ${megabytes} MB.`,
};

/** @typedef {typeof en} Words */
