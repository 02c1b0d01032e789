import { z } from 'zod';
import { type BlobKey, channelIdSchema, type JobId, type PictureId, roleIdSchema, userIdSchema } from './ids.ts';

/** A button runs `command` with the option `target` (a picture's, job's or recipe's id, or a page of a list) and its own. */
export interface Button {
  readonly command: string;
  readonly target: string;
  /** Further options, which tell buttons of one command apart: `{change: 'subtle'}`. */
  readonly options?: Readonly<Record<string, string>>;
  readonly label: string;
  readonly style: 'primary' | 'secondary' | 'danger';
}

/** A picture in a reply; `alt` is its text alternative (the prompt). */
export interface ReplyPicture {
  readonly id: PictureId | null;
  readonly blob: BlobKey;
  readonly name: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly spoiler: boolean;
}

/** A named value shown in a list or an embed's field. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** Someone or something whose id stands in a reply's text; a platform shows there what it is called, and notifies nobody. */
export const mentionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('user'), id: userIdSchema }),
    z.strictObject({ kind: z.literal('role'), id: roleIdSchema }),
    z.strictObject({ kind: z.literal('channel'), id: channelIdSchema }),
  ])
  .readonly();
export type Mention = z.infer<typeof mentionSchema>;

/**
 * What a platform shows. All text is plain: each adapter escapes it for its own markup, so that nothing a person typed
 * can ping, format or break a message.
 */
export interface MessageReply {
  readonly kind: 'message';
  readonly visibility: 'public' | 'private';
  readonly title?: string;
  readonly text: string;
  readonly fields?: readonly Field[];
  /** In the text and in the fields' values. */
  readonly mentions?: readonly Mention[];
  /** The fields are a recipe's: a page offers to copy them. */
  readonly showsRecipe?: boolean;
  readonly pictures?: readonly ReplyPicture[];
  /** Rows of at most five. */
  readonly buttons?: readonly (readonly Button[])[];
  /** A file to hand over (exported settings, a drawn chart). */
  readonly file?: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };
  readonly tone?: 'neutral' | 'success' | 'warning' | 'failure';
}

/** The request became a job: the adapter shows place, time and price, then follows its progress; the outbox brings the rest. */
export interface AcceptedReply {
  readonly kind: 'accepted';
  readonly job: JobId;
  readonly visibility: 'public' | 'private';
  readonly text: string;
  readonly place: number;
  readonly expectedSeconds: number;
  readonly buttons: readonly (readonly Button[])[];
  /** The same event had been accepted before: nothing new was made. */
  readonly repeated: boolean;
}

/** A form to fill in (Discord modal, Slack view, the page's own): the named command's options with these values. */
export interface FormReply {
  readonly kind: 'form';
  readonly command: string;
  readonly title: string;
  readonly fields: readonly FormField[];
  /** Stands before the fields; its name is an attachment option of the command. */
  readonly mask?: MaskField;
  /** Carried through unseen, handed back as the options of the same names. */
  readonly hidden: Readonly<Record<string, string>>;
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly multiline: boolean;
  readonly required: boolean;
  readonly maxLength: number;
}

/** A part of a picture that is to be marked: painted where the platform can do that, else attached as a mask. */
export interface MaskField {
  readonly name: string;
  readonly label: string;
  /** What a file must be like, where one is attached. */
  readonly hint: string;
  readonly picture: Pick<ReplyPicture, 'blob' | 'width' | 'height'>;
}

/** Delete the message that was pressed. */
export interface DeletedReply {
  readonly kind: 'deleted';
  readonly text: string;
}

export type Reply = MessageReply | AcceptedReply | FormReply | DeletedReply;
