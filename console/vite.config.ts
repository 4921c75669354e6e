import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { faviconNames, faviconSvg } from './design/favicon.ts';

/** The favicons, drawn in the colours of the tokens. */
function favicons(): Plugin {
  const tokens = readFileSync(new URL('design/tokens.css', import.meta.url), 'utf8');
  const [, light, dark] = /--status-offline: light-dark\((#\w+), (#\w+)\)/.exec(tokens) ?? [];
  if (light === undefined || dark === undefined) throw new Error('design/tokens.css has no --status-offline');
  return {
    name: 'favicons',
    configureServer: (server) => {
      server.middlewares.use('/favicons', (request, response) => {
        response.setHeader('content-type', 'image/svg+xml');
        response.end(faviconSvg((request.url ?? '').slice(1).replace('.svg', ''), { light, dark }));
      });
    },
    generateBundle() {
      for (const name of faviconNames)
        this.emitFile({ type: 'asset', fileName: `favicons/${name}.svg`, source: faviconSvg(name, { light, dark }) });
    },
  };
}

export default defineConfig({
  plugins: [react(), favicons()],
  build: {
    // The content security policy knows no data: addresses, save of pictures; a file of its own is cached as well.
    assetsInlineLimit: 0,
    // Says which files the first page loads: what the limit on their size is held against.
    manifest: true,
    reportCompressedSize: false,
  },
});
