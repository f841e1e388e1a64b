import { scanJson } from '@gatehouse/mcp';
import { type Document, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { type Fault, InvalidRequest } from './invalid-request.js';

/** How a route's body is written, and what it must hold. */
export interface BodyFormat<Schema extends z.ZodType = z.ZodType> {
  /** Media types, without parameters. */
  readonly types: readonly string[];
  readonly schema: Schema;
  /** @throws InvalidRequest naming the place */
  read(text: string, type: string): unknown;
}

const JSON_TYPES = ['application/json'];
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

export function jsonBody<Schema extends z.ZodType>(schema: Schema): BodyFormat<Schema> {
  return { types: JSON_TYPES, schema, read: readJson };
}

/** Manifests: YAML of one or several documents, or JSON: an object or an array of them. */
export function manifestsBody<Schema extends z.ZodType>(schema: Schema): BodyFormat<Schema> {
  return {
    types: [...YAML_TYPES, ...JSON_TYPES],
    schema,
    read: (text, type) => (JSON_TYPES.includes(type) ? [readJson(text)].flat() : readYaml(text)),
  };
}

function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidRequest([{ place: 'body', message: `is not JSON: ${(error as Error).message}` }]);
  }
  const { fault } = scanJson(text);
  if (fault) throw new InvalidRequest([{ place: ['body', fault.place].join('.'), message: fault.reason }]);
  return value;
}

function readYaml(text: string): unknown[] {
  const documents = parse(text);
  const faults = documents.flatMap((document, i) =>
    document.errors.map((error) => faultOf(`document ${i + 1}`, error)),
  );
  if (faults.length > 0) throw new InvalidRequest(faults);
  return documents.map((document, i) => toValue(document, i)).filter((value) => value !== null);
}

function parse(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true, stringKeys: true, prettyErrors: true });
  return 'empty' in documents ? [] : documents;
}

function toValue(document: Document.Parsed, index: number): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InvalidRequest([{ place: `document ${index + 1}`, message: (error as Error).message }]);
  }
}

function faultOf(place: string, error: Document.Parsed['errors'][number]): Fault {
  const at = error.linePos?.[0];
  const message = error.message.split(' at line ')[0] ?? error.message;
  return { place: at ? `${place}, line ${at.line}, column ${at.col}` : place, message };
}
