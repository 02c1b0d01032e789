#!/usr/bin/env node
// Node cannot read TypeScript by itself before version 22.18; tsx teaches it to, so there is no build step.
import { register } from 'tsx/esm/api';

register();
await import('../bot/cli/main.ts');
