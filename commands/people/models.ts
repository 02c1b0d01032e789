import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';

/** The models that may be asked for, with what they do where nothing else is said. */
export const models = defineCommand({
  name: 'models',
  description: 'List the models',
  options: {},
  permission: 'everyone',
  async run(request, _options, services) {
    const { models: texts } = messagesFor(request.actor.locale);
    const settings = await services.settings.of(request.origin.guild);
    const names = (await services.models.names(request)).filter(
      (name) => settings.allowedModels?.includes(name) !== false,
    );
    const descriptions = await Promise.all(names.map((name) => services.models.describe(request, name)));
    return {
      kind: 'message',
      visibility: 'private',
      title: texts.title,
      text: '',
      fields: descriptions.map(({ nativeSize, defaults, refiner, licence, hash, allow }, index) => ({
        name: [names[index] ?? '', ...(index === 0 ? [`(${texts.default})`] : [])].join(' '),
        value: [
          texts.line(`${nativeSize}x${nativeSize}`, defaults.sampler, defaults.steps, refiner !== null),
          ...(licence === null ? [] : [texts.licence(licence)]),
          hash.slice(0, 10),
          ...(allow === null ? [] : [texts.limited]),
        ].join(' · '),
      })),
    };
  },
});
