import { z } from 'zod';
import { ApiError, checkBlocks, fileJson, type Method, parseArgs, writableChannel } from '../method.ts';

/** Slack processes a completed upload for a moment before a block may show it. */
const PROCESSING_MS = 200;

export const filesMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    token: 'bot',
    scope: 'files:write',
    tier: 4,
    run(args, { workspace, base }) {
      const asked = parseArgs(
        {
          filename: z.string().min(1),
          length: z.coerce.number().int().min(1),
          alt_txt: z.string().max(1000).optional(),
        },
        args,
      );
      const id = workspace.id('F');
      workspace.files.set(id, {
        id,
        name: asked.filename,
        title: asked.filename,
        length: asked.length,
        altText: asked.alt_txt ?? '',
        owner: workspace.bot.id,
        bytes: null,
        state: 'reserved',
        readyAt: 0,
        completions: 0,
      });
      return { file_id: id, upload_url: `${base}/upload/v1/${id}` };
    },
  },
  'files.completeUploadExternal': {
    token: 'bot',
    scope: 'files:write',
    tier: 4,
    run(args, context) {
      const { workspace, clock, base } = context;
      const asked = parseArgs(
        {
          files: z.array(z.strictObject({ id: z.string(), title: z.string().optional() })).min(1),
          channel_id: z.string().optional(),
          thread_ts: z.string().optional(),
          initial_comment: z.string().optional(),
          blocks: z.unknown().optional(),
        },
        args,
      );
      const files = asked.files.map(({ id, title }) => {
        const file = workspace.files.get(id);
        // It can be called once: a completed file is no upload any more.
        if (file?.state !== 'uploaded') throw new ApiError('file_not_found');
        return { file, title };
      });
      const channel = asked.channel_id === undefined ? null : writableChannel(asked.channel_id, context, true);
      const blocks = checkBlocks(asked.blocks, context);
      for (const { file, title } of files) {
        if (file.state !== 'complete') file.readyAt = clock.now() + PROCESSING_MS;
        file.state = 'complete';
        file.title = title ?? file.name;
        file.completions += 1;
      }
      if (channel) {
        workspace.post({
          channel: channel.id,
          user: workspace.bot.id,
          text: asked.initial_comment ?? '',
          blocks,
          threadTs: asked.thread_ts ?? null,
          files: files.map(({ file }) => file.id),
        });
      }
      return { files: files.map(({ file }) => fileJson(file.id, workspace, base)) };
    },
  },
  'files.info': {
    token: 'bot',
    scope: 'files:read',
    tier: 4,
    run(args, { workspace, base }) {
      const asked = parseArgs({ file: z.string() }, args);
      const state = workspace.files.get(asked.file)?.state;
      if (state === 'reserved' || state === 'uploaded') throw new ApiError('file_not_found');
      return { file: fileJson(asked.file, workspace, base) };
    },
  },
  'files.delete': {
    token: 'bot',
    scope: 'files:write',
    tier: 3,
    run(args, { workspace }) {
      const asked = parseArgs({ file: z.string() }, args);
      const file = workspace.files.get(asked.file);
      if (!file || file.state === 'deleted') throw new ApiError('file_not_found');
      if (file.owner !== workspace.bot.id) throw new ApiError('cant_delete_file');
      file.state = 'deleted';
      file.bytes = null;
      return {};
    },
  },
};
