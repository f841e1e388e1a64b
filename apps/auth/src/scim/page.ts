import { SCIMError } from 'scimmy/types';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/** Resources that one answer holds at most. */
export const MOST_RESULTS = 200;

/** Which part of a list is asked for (RFC 7644, section 3.4.2.4). */
export interface PageAsked {
  /** Counted from 1. */
  readonly startIndex: number;
  readonly count: number;
}

export interface Listed<Item> {
  readonly items: Item[];
  readonly total: number;
}

export function pageAsked(query: Readonly<Record<string, unknown>>): PageAsked {
  const number = (name: string, unlessTold: number): number => {
    const value = Number(query[name] ?? unlessTold);
    if (Number.isSafeInteger(value)) return value;
    throw new SCIMError(400, 'invalidValue', `${name} must be a whole number.`);
  };
  return {
    startIndex: Math.max(number('startIndex', 1), 1),
    count: Math.min(Math.max(number('count', 100), 0), MOST_RESULTS),
  };
}

export async function readPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { startIndex, count }: PageAsked,
): Promise<{ rows: Row[]; total: number }> {
  const total = await query.getCount();
  // TypeORM takes a limit of 0 for none.
  const rows =
    count === 0
      ? []
      : await query
          .offset(startIndex - 1)
          .limit(count)
          .getMany();
  return { rows, total };
}

/** A ListResponse (RFC 7644, section 3.4.2). */
export function listResponse({ items, total }: Listed<object>, { startIndex }: PageAsked): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: items.length,
    Resources: items,
  };
}
