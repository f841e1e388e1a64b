import { readFixtures, STAGES, type Fixture, type Session } from './client-lab/fixture.js';
import { startGate, type LabGate } from './client-lab/gate.js';
import { Replay } from './client-lab/replay.js';
import { ADMIN } from './shape.js';

const fixtures = await readFixtures();

/** Nobody answers for documents yet. */
const usesDocument = ({ registration }: Session) => registration?.some((step) => 'document' in step) === true;

describe('a client, as it was seen', () => {
  let gate: LabGate;
  beforeAll(async () => {
    gate = await startGate();
  });
  afterAll(() => gate.stop());

  describe.each(fixtures)('$client', (fixture: Fixture) => {
    const sessions = fixture.sessions.filter((session) => !usesDocument(session));
    it.each(sessions)('$title', async (session: Session) => {
      const replay = new Replay(gate, fixture.demands, ADMIN);
      for (const stage of STAGES) for (const step of session[stage] ?? []) await replay.play(step);
    });
  });
});
