import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const fixture = fileURLToPath(new URL('./handle.fixture.ts', import.meta.url));

const head = `
import { event, request } from '@gatehouse/contracts';
import { z } from 'zod';
import { Handle, Listen } from './handle.js';
const Req = z.object({ id: z.string() });
const get = request({ subject: 'vault.thing.get', callers: [], request: Req, reply: z.object({ size: z.number() }) });
const gone = event({ subject: 'evt.vault.thing.gone', payload: Req, subscribers: [] });
`;

const accepted = [
  '@Handle(get) class A { constructor(readonly m: Map<string, 1>) {} handle({ id }: { id: string }) { return { size: id.length }; } }',
  '@Handle(get) class B { async handle(request: { id: string }) { return { size: request.id.length }; } }',
  '@Handle(get) class C { handle() { return { size: 1 }; } }',
  '@Listen(gone) class D { async on(payload: { id: string }) {} }',
];
const refused = [
  '@Handle(get) class E { handle(request: { id: number }) { return { size: 1 }; } }',
  '@Handle(get) class F { handle(request: { id: string; more: string }) { return { size: 1 }; } }',
  '@Handle(get) class G { async handle(request: { id: string }) { return { size: "1" }; } }',
  '@Handle(get) class H { handle(request: { id: string }) { return {}; } }',
  '@Handle(get) class I { handel(request: { id: string }) { return { size: 1 }; } }',
  '@Listen(gone) class J { on(payload: { name: string }) {} }',
];

/** Compiles classes against the real decorators, as the build would, and tells which of them have faults. */
function compile(declarations: string[]): Set<string> {
  const text = head + declarations.join('\n');
  const base = fileURLToPath(new URL('../../../tsconfig.base.json', import.meta.url));
  const settings = ts.readConfigFile(base, ts.sys.readFile).config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...settings, composite: false, incremental: false },
    '.',
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === fixture || fileExists(file);
  host.getSourceFile = (file, version, ...rest) =>
    file === fixture ? ts.createSourceFile(file, text, version) : getSourceFile(file, version, ...rest);
  const program = ts.createProgram({ rootNames: [fixture], options, host });
  const lines = text.split('\n');
  return new Set(
    program.getSemanticDiagnostics(program.getSourceFile(fixture)).map(({ file, start = 0 }) => {
      return lines[file?.getLineAndCharacterOfPosition(start).line ?? 0] ?? '';
    }),
  );
}

describe('the compiler', () => {
  let faulty: Set<string>;
  beforeAll(() => void (faulty = compile([...accepted, ...refused])), 60_000);

  it.each(accepted)('accepts %s', (declaration) => {
    expect(faulty).not.toContain(declaration);
  });

  it.each(refused)('refuses %s', (declaration) => {
    expect(faulty).toContain(declaration);
  });
});
