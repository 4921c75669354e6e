// A subscriber as browsers are: graphql-ws, through the router. Arguments: the router's address and the Core's id.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { components } from './design.ts';
import { receipts } from './receipts.ts';

const [url = '', id = ''] = process.argv.slice(2);
const { take } = receipts();
const query = `subscription ($id: ID!, $components: [String!]) {
  audioControlsChanged(id: $id, components: $components) { live values { component name value string } }
}`;
type Told = { live: boolean; values: { component: string; name: string; value: number }[] };

const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
let isReady = false;
client.subscribe<{ audioControlsChanged: Told }>(
  { query, variables: { id, components } },
  {
    next: ({ data, errors }) => {
      if (!data) throw new Error(JSON.stringify(errors));
      take(data.audioControlsChanged.values);
      if (isReady || !data.audioControlsChanged.live) return;
      isReady = true;
      process.send?.({ ready: true });
    },
    error: (err) => {
      throw new Error(`the subscription failed: ${JSON.stringify(err)}`);
    },
    complete: () => {},
  },
);
