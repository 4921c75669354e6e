import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { createWheelhouseClient } from '@wheelhouse/client/client.ts';
import { print } from 'graphql';

/**
 * Asks the graph once, where nobody has signed in and there is no cache yet.
 *
 * @throws RefusedError, TransportError (clients/typescript/errors.ts)
 */
export async function askAnyone<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data } = await createWheelhouseClient({ url: '/graphql' }).query<Data, Variables>(print(document), variables);
  return data;
}
