const number = (value: number): string => value.toLocaleString('en');

const orNear = (near: readonly string[], otherwise: string): string =>
  near.length === 0 ? otherwise : `did you mean ${near.join(', ')}?`;

/** What is said about the notation of prompts. */
export const enPrompts = {
  notation: [
    'In a prompt:',
    '(word) weighs more, [word] less, (word:1.3) 1.3 times; brackets nest',
    '[cat:dog:0.4] is a cat for 0.4 of the steps, then a dog; [cat:10] from step 10 on; [cat|dog] in turns',
    'a castle AND fog :0.6 draws towards both at once',
    'BREAK begins a new chunk; long prompts are read in chunks of 75 tokens',
    '{red|blue} draws one picture of each, and charges for each; braces nest and multiply',
    '__animal__ takes a line of the file animal.txt, chosen by the seed',
    '<lora:name:0.8> adds a LoRA with this weight; several add up',
    'name, or embedding:name, stands for an embedding',
    'A backslash makes a sign plain: \\( \\{ \\__',
  ].join('\n'),
  tooManyPictures: (prompts: number, count: number, most: number) =>
    `prompt: its braces give ${number(prompts)} prompts${count === 1 ? '' : `, ${count} pictures each`}; at most ${most} pictures are drawn at once.`,
  tooMany: (what: 'LoRAs' | 'embeddings', given: number, most: number) =>
    `prompt: ${given} ${what} are too many; at most ${most} go together.`,
  tooManyParts: (given: number, most: number) =>
    `prompt: AND joins ${given} prompts; at most ${most} are drawn towards at once.`,
  tooManyReadings: (given: number, most: number) =>
    `prompt: its brackets make ${given} different prompts over the steps; at most ${most} are read. Shorten [a|b|...], or take fewer steps.`,
  tooMuchToRead: (most: number) =>
    `prompt: with all that its brackets and braces make of it, it is longer than ${most} characters. Shorten it, or take fewer variants.`,
  hypernetwork: (name: string) =>
    `prompt: <hypernet:${name.slice(0, 60)}> names a hypernetwork, which SDXL does not have; leave it out, or name a LoRA by <lora:NAME>.`,
  loraForm: (given: string, most: number) =>
    `lora: "${given}" is not possible; it takes NAME:WEIGHT, such as watercolour:0.8, with a weight from -${most} to ${most}.`,
  loraInNegative: (name: string) =>
    `negative: the LoRA ${name} belongs in the prompt; give it a negative weight there, such as <lora:${name}:-0.5>.`,
  unknownLora: (name: string, near: readonly string[], known: number) =>
    `There is no LoRA "${name.slice(0, 60)}" for this model; ${orNear(near, known === 0 ? 'there are none here.' : `/extras lists the ${known} that there are.`)}`,
  otherModel: (name: string, model: string, fits: readonly string[]) =>
    `The LoRA ${name} was made for another model than ${model}${fits.length === 0 ? '; no model here fits it.' : `; choose model ${fits.join(' or ')}.`}`,
  unreadAdapter: (name: string, kind: string) =>
    `The LoRA ${name} is of the kind ${kind}, which Easel does not draw with; it needs the file as a plain LoRA, LoHa or LoKr.`,
  unknownEmbedding: (name: string, near: readonly string[]) =>
    `There is no embedding "${name.slice(0, 60)}" for this model; ${orNear(near, '/extras lists those that there are.')}`,
  unknownWildcard: (name: string, near: readonly string[]) =>
    `There is no wildcard file "${name.slice(0, 60)}" with lines in it; ${orNear(near, '/extras lists those that there are, and \\__ is no wildcard.')}`,
  endlessWildcards: (name: string) =>
    `prompt: its wildcards take too many lines; does a line of __${name.slice(0, 60)}__ name its own file?`,
};
