import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PUBLIC_ROUTES } from '@gatehouse/runtime';

export const NGINX_CONFIG = fileURLToPath(new URL('../../../deploy/nginx/nginx.conf', import.meta.url));

const CONFIG = `# Generated from libs/runtime/src/public-routes.ts by tools/dev/src/generate-nginx-config.ts: do not edit.
worker_processes auto;
error_log stderr warn;
pid /tmp/nginx.pid;

events {
  worker_connections 16384;
}

http {
  access_log off;
  server_tokens off;

  # the first that fits; matched against the target as the client wrote it, as the services read it
  map $request_uri $service {
ROUTES
  }

  server {
    listen 8080;
    # asked again and again, so that a container that was started anew is found
    resolver 127.0.0.11 valid=2s;

    # EDGE_BODY_LIMIT: a service can only cut off who sends too much, and then nginx does not read what it says
    client_max_body_size 4m;
    large_client_header_buffers 8 16k;

    location / {
      proxy_pass http://$service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      # in place of what the client wrote; behind a proxy of yours, take over what that one says (set_real_ip_from)
      proxy_set_header X-Forwarded-For $remote_addr;

      # a frame leaves when it comes, and a client that goes away is gone for the service too
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
      proxy_socket_keepalive on;

      # nothing is repeated that may have run
      proxy_next_upstream off;
      # nginx's own 502 and 504 only: what a service answers passes as it is
      error_page 502 504 =503 @away;
      error_page 413 @too-large;
    }

    location @too-large {
      internal;
      default_type application/json;
      return 413 '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"The body is larger than 4 MiB."}}';
    }

    location @away {
      internal;
      default_type text/plain;
      add_header Retry-After 2 always;
      return 503 "Gatehouse is starting or restarting: try again in a moment.\\n";
    }
  }
}
`;

/** The ingress of docker-compose.yml: the public routes as nginx reads them. Streams pass unbuffered. */
export function nginxConfig(): string {
  const routes = PUBLIC_ROUTES.map(
    ({ service, path }) => `    "~${path.source.replaceAll('\\/', '/')}" ${service}:8080;`,
  );
  return CONFIG.replace('ROUTES', () => routes.join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('.', new URL(NGINX_CONFIG, 'file:')), { recursive: true });
  writeFileSync(NGINX_CONFIG, nginxConfig());
}
