import { createHash } from 'node:crypto';
import { Failure, searchCalls } from '@gatehouse/contracts';
import { z } from 'zod';
import { canonicalJson } from '../chain/canonical-json.js';

export type Search = z.output<typeof searchCalls.request>;

/** The last record of a page: the next one begins after it. */
export interface Place {
  /** RFC 3339, milliseconds. */
  readonly time: string;
  readonly id: string;
}

const Parts = z.tuple([z.iso.datetime(), z.uuid(), z.string()]);

/**
 * An opaque text for a place, good only with the filters it was made for. The check is against mistakes, not a
 * secret: a cursor names a place, and what may be seen there is decided by the search itself.
 */
export function writeCursor(search: Search, place: Place): string {
  return Buffer.from(JSON.stringify([place.time, place.id, check(search, place)])).toString('base64url');
}

/** @throws Failure `api.invalid_request` if the cursor was altered or made for other filters */
export function readCursor(search: Search, cursor: string): Place {
  const parts = Parts.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parts.success) {
    const [time, id, given] = parts.data;
    if (given === check(search, { time, id })) return { time, id };
  }
  throw new Failure(
    'api.invalid_request',
    'cursor: not one that was given for these filters; begin again without it',
  );
}

function check(search: Search, place: Place): string {
  const filters = { ...search, limit: undefined, cursor: undefined };
  return createHash('sha256')
    .update(canonicalJson([filters, place]))
    .digest('base64url')
    .slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
