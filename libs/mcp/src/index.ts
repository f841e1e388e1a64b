export { describeFault, RPC, type Fault } from './message/fault.js';
export { errorBody } from './message/error-body.js';
export {
  type ClientInfo,
  type JsonObject,
  type Message,
  type NotificationMessage,
  type RequestMessage,
  type ResponseMessage,
} from './message/message.js';
export {
  MESSAGE_LIMITS,
  readMessage,
  type MessageLimits,
  type MessageReading,
} from './message/read-message.js';
export { JSON_LIMITS, scanJson, type JsonLimits, type JsonScan } from './message/scan-json.js';
export { filterToolList, type FilteredToolList } from './message/tool-list.js';
export {
  faultOfHeaders,
  forwardedRequestHeaders,
  forwardedResponseHeaders,
} from './http/forwarded-headers.js';
export { headersAgree, type HeaderFields } from './http/headers-agree.js';
export {
  metadataUrl,
  parseMcpPath,
  parseMetadataPath,
  resourceUrl,
  type Door,
  type McpAddress,
} from './http/mcp-url.js';
export { encodeSse, SseEvent, SseFrames } from './http/sse.js';
export {
  parseMetadata,
  parseMcpHeaders,
  type HeaderRegistration,
  type McpHeaders,
  type Metadata,
} from './http/tfy-headers.js';
export {
  bearerChallenge,
  parseChallenges,
  type BearerChallenge,
  type Challenge,
} from './http/www-authenticate.js';
export { connectSnippets, type ConnectSnippet, type SnippetClient } from './connect-snippets.js';
