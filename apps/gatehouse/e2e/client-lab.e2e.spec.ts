import { readFixtures, STAGES, type Fixture, type Session, type Stage } from './client-lab/fixture.js';
import { startGate, type LabGate } from './client-lab/gate.js';
import { Replay } from './client-lab/replay.js';
import { Results } from './client-lab/results.js';
import { ADMIN } from './shape.js';

const fixtures = await readFixtures();

describe('clients, as they were seen', () => {
  const results = new Results();
  let gate: LabGate;
  beforeAll(async () => {
    gate = await startGate();
  });
  afterAll(() => gate.stop());

  describe.each(fixtures)('$client', ({ client, demands, sessions }: Fixture) => {
    it.each(sessions)('$title', async (session: Session) => {
      const replay = new Replay(gate, demands, ADMIN);
      let at: Stage = 'discovery';
      try {
        for (at of STAGES.filter((stage) => session[stage])) {
          for (const step of session[at] ?? []) await replay.play(step);
          results.passed(client, at, session);
        }
      } catch (error) {
        results.stumbled(client, at, session);
        throw error;
      }
    });
  });

  it('fare as docs/clients.md says', async () => {
    const { before, now } = await results.write(fixtures);
    expect(before).toBe(now);
  });
});
