import { readFileSync } from 'node:fs';
import { NGINX_CONFIG, nginxConfig } from './generate-nginx-config.js';

it('is what deploy/nginx/nginx.conf says: else run `node tools/dev/dist/generate-nginx-config.js`', () => {
  expect(readFileSync(NGINX_CONFIG, 'utf8')).toBe(nginxConfig());
});
