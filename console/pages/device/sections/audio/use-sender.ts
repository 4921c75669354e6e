import { useMutation } from '@apollo/client/react';
import { useCallback, useState } from 'react';
import { faultsOf } from '../../../../data/faults.ts';
import {
  SetAudioControlDocument,
  type SetAudioControlMutationVariables,
} from '../../../../generated/device/sections/audio/graphql.ts';
import { type Change, keyOf, type Wanted } from './outcome-rules.ts';
import { texts } from './texts.ts';

type ControlInput = NonNullable<SetAudioControlMutationVariables['input']['controls']>[number];
/** What a control is taken for: one of the input's fields. */
export type Expected = { value: number } | { position: number } | { mute: boolean } | { text: string };
/** What a control is set to, one of the input's fields, and what it is taken for; without `expected` whatever it is. */
export type Wish = { wanted: Expected | { trigger: true }; expected: Expected | null };
/** What is on its way to Wheelhouse, or came to no change there. `message` is null while it is on its way. */
export type Sent = { wanted: Wanted; message: string | null; isRefused: boolean };

export type Sender = {
  sent: ReadonlyMap<string, Sent>;
  send: (component: string, name: string, wish: Wish) => void;
  /** Drops the word that something came to no change. */
  forget: (component: string, name: string) => void;
};

const inputOf = (component: string, name: string, { wanted, expected }: Wish): ControlInput => ({
  ...{ component, name, ...wanted },
  ...(expected !== null && { expected }),
});

/** Sends single controls; what becomes of one is `learn`ed, and what came to no change stays until it is sent again, or forgotten. */
export function useSender(id: string, learn: (change: Change) => void): Sender {
  const [sent, setSent] = useState<ReadonlyMap<string, Sent>>(new Map());
  const [mutate] = useMutation(SetAudioControlDocument);
  const send = useCallback(
    (component: string, name: string, wish: Wish): void => {
      const key = keyOf(component, name);
      const { wanted } = wish;
      const entry: Sent = { wanted, message: null, isRefused: false };
      setSent((before) => new Map(before).set(key, entry));
      // Only the last that was sent has the say about its control.
      const settle = (next: Sent | null): void =>
        setSent((before) => {
          if (before.get(key) !== entry) return before;
          const after = new Map(before);
          if (next === null) after.delete(key);
          else after.set(key, next);
          return after;
        });
      const run = async (): Promise<void> => {
        try {
          // Without waiting: what becomes of it is followed, and shown as it happens.
          const input = { id, controls: [inputOf(component, name, wish)], waitMs: 0 };
          const { data } = await mutate({ variables: { input } });
          const { settingsChange = null, userErrors = [] } = data?.setAudioControls ?? {};
          if (settingsChange !== null) learn(settingsChange);
          const message = userErrors.map((each) => each.message).join(' ');
          settle(settingsChange === null ? { wanted, message, isRefused: true } : null);
        } catch (err) {
          const [fault] = faultsOf(err);
          const message = fault?.message ?? String(err);
          const isRefused = fault?.kind === 'refused';
          settle({ wanted, message: isRefused ? message : texts.noAnswer(message), isRefused });
        }
      };
      void run();
    },
    [id, learn, mutate],
  );
  const forget = useCallback((component: string, name: string): void => {
    setSent((before) => {
      const after = new Map(before);
      after.delete(keyOf(component, name));
      return after;
    });
  }, []);
  return { sent, send, forget };
}
