import { inspector } from './inspector.js';
import { mcpRemote } from './mcp-remote.js';
import type { RealClient } from './real-client.js';
import { sdkV1, sdkV2 } from './sdk.js';

export const REAL_CLIENTS: readonly RealClient[] = [inspector, mcpRemote, sdkV1, sdkV2];
