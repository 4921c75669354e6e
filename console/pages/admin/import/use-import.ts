import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { faultsOf } from '../../../data/faults.ts';
import {
  ApplyEstateImportDocument,
  EstateImportPlanDocument,
  PlanEstateImportDocument,
} from '../../../generated/admin/graphql.ts';
import { MAX_BYTES, type Phase, type Plan, textOf } from './import-rules.ts';
import { texts } from './texts.ts';

/** The parameter of the address that has the plan's id, so that somebody else can apply it. */
const PLAN = 'plan';
const wordsOf = (err: unknown): string[] => faultsOf(err).map(({ message }) => message);
const isRefused = (err: unknown): boolean => faultsOf(err).some(({ kind }) => kind === 'refused');

/** An import from the choice of a file to its outcome. Nothing is changed before `apply`. */
export function useImport(): {
  phase: Phase;
  choose: (file: File) => Promise<void>;
  apply: (plan: Plan) => Promise<void>;
  fail: (fault: string) => void;
  /** The plan turned out to be over. */
  lose: () => void;
} {
  const client = useApolloClient();
  const [search, setSearch] = useSearchParams();
  const planId = search.get(PLAN);
  const [phase, setPhase] = useState<Phase>(planId === null ? { kind: 'choosing', fault: null } : { kind: 'opening' });
  const fail = useCallback((fault: string) => setPhase({ kind: 'choosing', fault }), []);
  const failWith = useCallback(
    (err: unknown) => (isRefused(err) ? setPhase({ kind: 'refused' }) : fail(wordsOf(err).join('; '))),
    [fail],
  );
  const putPlan = useCallback(
    (id: string | null) =>
      setSearch(
        (before) => {
          if (id === null) before.delete(PLAN);
          else before.set(PLAN, id);
          return before;
        },
        { replace: true },
      ),
    [setSearch],
  );

  // What an address brings along: a plan that was made here before, or by somebody else.
  useEffect(() => {
    if (phase.kind !== 'opening' || planId === null) return;
    let isOver = false;
    client
      .query({ query: EstateImportPlanDocument, variables: { id: planId }, fetchPolicy: 'no-cache' })
      .then(({ data, error }) => {
        if (isOver) return;
        const plan = data?.estateImportPlan ?? null;
        if (plan !== null) setPhase({ kind: 'planned', name: null, plan, refusals: [] });
        else if (error === undefined) setPhase({ kind: 'gone' });
        else failWith(error);
      })
      .catch((err: unknown) => !isOver && failWith(err));
    return () => {
      isOver = true;
    };
  }, [client, phase.kind, planId, failWith]);

  const choose = async (file: File): Promise<void> => {
    putPlan(null);
    if (file.size > MAX_BYTES) return fail(texts.tooLarge(file.name, file.size, MAX_BYTES));
    if (file.size === 0) return fail(texts.empty(file.name));
    setPhase({ kind: 'comparing', name: file.name, since: Date.now() });
    try {
      const bytes = await file.arrayBuffer().catch(() => null);
      if (bytes === null) return fail(texts.unreadable(file.name));
      const content = textOf(bytes);
      if (content === null) return fail(texts.notText(file.name));
      const { data } = await client.mutate({ mutation: PlanEstateImportDocument, variables: { content } });
      const { plan = null, userErrors = [] } = data?.planEstateImport ?? {};
      setPhase({ kind: 'planned', name: file.name, plan, refusals: userErrors });
      if (plan?.id) putPlan(plan.id);
    } catch (err) {
      failWith(err);
    }
  };

  const apply = async (plan: Plan): Promise<void> => {
    if (plan.id === null) return;
    setPhase({ kind: 'applying', plan, since: Date.now() });
    try {
      const { data } = await client.mutate({ mutation: ApplyEstateImportDocument, variables: { plan: plan.id } });
      const { outcome = null, userErrors = [] } = data?.applyEstateImport ?? {};
      if (outcome !== null) {
        putPlan(null);
        setPhase({ kind: 'done', outcome });
        // Lists and counts that are here from before know nothing of it.
        await client.refetchQueries({ include: 'active' });
        return;
      }
      const isConflict = userErrors.some(({ code }) => code === 'CONFLICT' || code === 'NOT_FOUND');
      const messages = userErrors.map(({ message }) => message);
      setPhase({ kind: 'failed', plan, messages, isConflict, isUnsure: false });
    } catch (err) {
      if (isRefused(err)) setPhase({ kind: 'refused' });
      else setPhase({ kind: 'failed', plan, messages: wordsOf(err), isConflict: false, isUnsure: true });
    }
  };

  const lose = useCallback(() => setPhase({ kind: 'gone' }), []);

  return { phase, choose, apply, fail, lose };
}
