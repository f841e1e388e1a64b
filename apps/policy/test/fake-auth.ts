import { TransportKey, type Bus } from '@gatehouse/bus';
import {
  AccessManifests,
  applyAccessManifests,
  Failure,
  getAuthKey,
  type AccessManifest,
} from '@gatehouse/contracts';

/** Plays auth: keeps manifests in memory, secrets and all, and notes what it was asked. */
export class FakeAuth {
  readonly kept = new Map<string, AccessManifest>();
  readonly asked: AccessManifests[] = [];
  /** Called before each request is carried out, as a place to fail or to look around. */
  before: (asked: AccessManifests) => void = () => undefined;

  static async on(bus: Bus): Promise<FakeAuth> {
    const auth = new FakeAuth();
    const key = await TransportKey.create();
    bus.handle(getAuthKey, () => ({ key: key.publicJwk }));
    bus.handle(applyAccessManifests, async ({ sealed }) =>
      auth.apply(await key.open(sealed, AccessManifests)),
    );
    return auth;
  }

  private apply(asked: AccessManifests) {
    this.asked.push(asked);
    this.before(asked);
    const faulty = asked.documents.find(({ manifest }) => manifest.name === 'faulty');
    if (faulty) throw new Failure('policy.invalid_manifest', `${faulty.place}: name: is faulty`);
    const changes = asked.documents.map(({ manifest }) => {
      const at = `${manifest.type} ${manifest.name}`;
      const before = this.kept.get(at);
      if (!asked.dryRun) this.kept.set(at, manifest);
      const newSecret = !!before && secretOf(before) !== secretOf(manifest);
      return { before: before ? shown(before) : null, after: shown(manifest), newSecret };
    });
    return { changes };
  }
}

function secretOf(manifest: AccessManifest): string | null | undefined {
  return manifest.type === 'identity-provider' ? manifest.client_secret : undefined;
}

function shown(manifest: AccessManifest): Record<string, unknown> {
  return { ...manifest, ...(secretOf(manifest) ? { client_secret: '[secret]' } : {}) };
}
