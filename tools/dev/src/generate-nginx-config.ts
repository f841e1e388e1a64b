import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PUBLIC_ROUTES } from '@gatehouse/runtime';

/** The ingress of docker-compose.yml: the public routes as nginx reads them. Streams pass unbuffered. */
export function nginxConfig(): string {
  const locations = PUBLIC_ROUTES.map(
    ({ service, path }) => `
    location ~ "${path.source.replaceAll('\\/', '/').replace('|\\?|', '|')}" {
      set $service ${service};
      proxy_pass http://$service:8080;
    }`,
  );
  return `# Generated from libs/runtime/src/public-routes.ts by tools/dev/src/generate-nginx-config.ts: do not edit.
worker_processes auto;
events {
  worker_connections 16384;
}
http {
  # asked again and again, so that a container that was started anew is found
  resolver 127.0.0.11 valid=2s;
  access_log off;
  server_tokens off;
  client_max_body_size 16m;
  large_client_header_buffers 8 16k;
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_request_buffering off;
  proxy_read_timeout 1h;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  # nothing is repeated that may have run
  proxy_next_upstream off;

  server {
    listen 8080;${locations.join('\n')}
  }
}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../../../deploy/nginx/nginx.conf', import.meta.url), nginxConfig());
