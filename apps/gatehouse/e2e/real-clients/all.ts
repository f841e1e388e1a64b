import { claudeCode } from './claude-code.js';
import { clineCli } from './cline.js';
import { geminiCli } from './gemini-cli.js';
import { inspector } from './inspector.js';
import { mcpRemote } from './mcp-remote.js';
import { opencode } from './opencode.js';
import type { RealClient } from './real-client.js';
import { sdkV1, sdkV2 } from './sdk.js';

export const REAL_CLIENTS: readonly RealClient[] = [
  claudeCode,
  clineCli,
  geminiCli,
  inspector,
  mcpRemote,
  opencode,
  sdkV1,
  sdkV2,
];
