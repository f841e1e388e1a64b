import { collectDefaultMetrics, register } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';

collectDefaultMetrics();

/** All metrics of this process in the Prometheus text format. */
export async function metricsText(): Promise<{ contentType: string; text: string }> {
  return { contentType: register.contentType, text: await register.metrics() };
}
