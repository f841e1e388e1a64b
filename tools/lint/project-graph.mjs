import { createProjectGraphAsync } from '@nx/devkit';

/** Computes Nx's project graph into its cache, in this process and without a network. */
export async function readProjectGraph() {
  process.env.NX_DAEMON ??= 'false';
  process.env.NX_NO_CLOUD ??= 'true';
  process.env.NX_ISOLATE_PLUGINS ??= 'false';
  await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: false });
}
