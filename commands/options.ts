import type { ChannelId, RoleId, UserId } from './ids.ts';
import type { Attachment } from './request.ts';

/**
 * One definition of a command's options, from which Discord's options, Slack's parsing and modal, the page's form,
 * the command line's flags and `/help` are made.
 */
interface Common {
  readonly description: string;
  readonly required?: boolean;
}

export type OptionDefinition = Common &
  (
    | {
        readonly type: 'string';
        readonly maxLength: number;
        readonly minLength?: number;
        readonly choices?: readonly string[];
        readonly autocomplete?: AutocompleteSource;
        readonly multiline?: boolean;
        /** Several values, parted by commas. */
        readonly list?: true;
      }
    | {
        readonly type: 'integer';
        readonly min: number;
        readonly max: number;
        readonly autocomplete?: AutocompleteSource;
      }
    | { readonly type: 'number'; readonly min: number; readonly max: number }
    | { readonly type: 'boolean' }
    | { readonly type: 'attachment' }
    | { readonly type: 'user' }
    | { readonly type: 'role' }
    | { readonly type: 'channel' }
  );

/** Where suggestions come from while a person types. */
export type AutocompleteSource =
  | 'model'
  | 'lora'
  | 'style'
  | 'seed'
  | 'recipe'
  | 'request'
  | 'sampler'
  | 'size'
  | 'aspect'
  | 'upscaler'
  | 'command';

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** What the values look like after `parseOptions`. */
export type OptionValues<Definitions extends OptionDefinitions> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends { required: true }
    ? OptionValue<Definitions[Name]>
    : OptionValue<Definitions[Name]> | undefined;
};

interface ValueOfType {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  attachment: Attachment;
  user: UserId;
  role: RoleId;
  channel: ChannelId;
}

type OptionValue<Definition extends OptionDefinition> = ValueOfType[Definition['type']];
