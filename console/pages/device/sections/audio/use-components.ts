import { useApolloClient } from '@apollo/client/react';
import { AudioComponentsDocument, AudioControlsDocument } from '../../../../generated/device/sections/audio/graphql.ts';
import type { Control } from './control-rules.ts';
import { type Paged, usePaged } from './use-paged.ts';

export type AudioComponent = { name: string; type: string };

/** As many as operations.graphql asks for. */
const CONTROLS_PER_PART = 500;
/** A Core that was just reached has read its components within seconds. */
const UNREAD_MS = 5_000;

/** All components of a Core's design; none while they are not known. @param design another one has others */
export function useComponents(id: string, design: string): Paged<AudioComponent> {
  const client = useApolloClient();
  return usePaged(
    `${id} ${design}`,
    async (after) => {
      const variables = { id, after };
      const { data } = await client.query({ query: AudioComponentsDocument, variables, fetchPolicy: 'no-cache' });
      const page = data?.device?.__typename === 'AudioCore' ? data.device.components : null;
      if (!page) return null;
      return { items: page.nodes, after: page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null };
    },
    UNREAD_MS,
  );
}

/** All controls of a component, with what was stored of them last. */
export function useControls(id: string, component: string): Paged<Control> {
  const client = useApolloClient();
  return usePaged(
    `${id} ${component}`,
    async (after) => {
      const variables = { id, component, after };
      const { data } = await client.query({ query: AudioControlsDocument, variables, fetchPolicy: 'no-cache' });
      const found = data?.device?.__typename === 'AudioCore' ? data.device.component : null;
      if (!found) return null;
      const { controls } = found;
      return { items: controls, after: controls.length < CONTROLS_PER_PART ? null : (controls.at(-1)?.name ?? null) };
    },
    UNREAD_MS,
  );
}
