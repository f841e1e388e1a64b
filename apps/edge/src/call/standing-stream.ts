import type { Gate } from '../gate.js';
import { Refusal } from '../refusal.js';
import { decide, findServer } from './decide.js';
import type { Exchange } from './exchange.js';
import { forward } from './forward.js';
import { NO_OWN_HEADERS } from './own-headers.js';
import { identify, leaseFor } from './post-message.js';
import { checkOrigin } from './request-form.js';

/** GET (the stream on which a server speaks by itself) and DELETE (the end of a session), of protocols before 2026-07-28. */
export async function standingStream(gate: Gate, exchange: Exchange): Promise<void> {
  const caller = (exchange.caller = await identify(gate, exchange));
  checkOrigin(exchange.request, gate.config.GATEHOUSE_PUBLIC_URL);
  const snapshot = gate.snapshots.of(exchange.target.tenant);
  const server = findServer(snapshot, exchange.target.server);
  const decision = decide(server, caller, null);
  // no JSON-RPC answer could carry a denial here: a server one may not use is as good as none
  if (!server || decision.effect === 'deny') throw Refusal.of('policy.unknown_server');
  const lease = await leaseFor(gate, exchange, server);
  await forward(
    gate,
    { exchange, caller, server, own: NO_OWN_HEADERS, message: null },
    { bytes: null, lease },
  );
}
