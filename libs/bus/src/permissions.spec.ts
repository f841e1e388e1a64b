import { readFileSync } from 'node:fs';
import { event, request, SERVICE_NAMES } from '@gatehouse/contracts';
import { z } from 'zod';
import { natsConfig, permissionsOf } from './permissions.js';

const nothing = z.object({});
const contracts = [
  request({ subject: 'vault.thing.get', request: nothing, reply: nothing, callers: ['edge'] }),
  event({ subject: 'evt.policy.thing.changed', payload: nothing, subscribers: ['edge', 'vault'] }),
];

describe('permissions', () => {
  it('let a caller publish what it calls, and hear its events and its own replies', () => {
    expect(permissionsOf('edge', contracts)).toEqual({
      publish: ['vault.thing.get'],
      subscribe: ['evt.policy.thing.changed', '_INBOX_edge.>'],
      responds: false,
    });
  });

  it('let an owner hear its requests, reply, and publish nothing else', () => {
    expect(permissionsOf('vault', contracts)).toEqual({
      publish: [],
      subscribe: ['evt.policy.thing.changed', 'vault.thing.get', '_INBOX_vault.>'],
      responds: true,
    });
  });

  it('let the owner of an event publish it, and not hear it', () => {
    expect(permissionsOf('policy', contracts)).toEqual({
      publish: ['evt.policy.thing.changed'],
      subscribe: ['_INBOX_policy.>'],
      responds: false,
    });
  });

  it('let a service without a contract hear its inbox only', () => {
    expect(permissionsOf('audit', contracts)).toEqual({
      publish: [],
      subscribe: ['_INBOX_audit.>'],
      responds: false,
    });
  });

  it('name every service in the configuration, with its password from the environment', () => {
    for (const service of SERVICE_NAMES)
      expect(natsConfig()).toContain(
        `user: ${service}\n      password: $NATS_${service.toUpperCase()}_PASSWORD\n`,
      );
  });

  it('are in deploy/nats/nats.conf as the contracts say now', () => {
    const committed = readFileSync(new URL('../../../deploy/nats/nats.conf', import.meta.url), 'utf8');
    // If this fails: npx tsc -b libs/bus && node libs/bus/dist/generate-nats-config.js
    expect(committed).toBe(natsConfig());
  });
});
