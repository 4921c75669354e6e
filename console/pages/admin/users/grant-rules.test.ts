import { describe, expect, it } from 'vitest';
import { type Grant, printGrants } from '../../../data/grants.ts';
import { grantChanges, losesManaging } from './grant-rules.ts';

const viewer: Grant = { role: 'VIEWER', site: null };
const operator = (site: string | null): Grant => ({ role: 'OPERATOR', site });
const admin: Grant = { role: 'ADMIN', site: 'museum' };

describe('grants', () => {
  it('are said with where they hold, the most first and each once', () => {
    expect(printGrants([viewer, operator('museum/hall-2'), operator(null), viewer])).toBe(
      'Operator everywhere, Operator at museum/hall-2, Viewer everywhere',
    );
    expect(printGrants([])).toBe('None');
  });

  it('that take the place of others tell what is got and what is lost', () => {
    expect(grantChanges([viewer, admin], [operator('museum'), viewer])).toEqual({
      gets: [operator('museum')],
      loses: [admin],
    });
  });

  it('are the same in any order, and however often each is given', () => {
    expect(grantChanges([viewer, admin], [admin, viewer, viewer])).toEqual({ gets: [], loses: [] });
  });

  it('at another site are others', () => {
    expect(grantChanges([operator(null)], [operator('museum')])).toEqual({
      gets: [operator('museum')],
      loses: [operator(null)],
    });
  });

  it('tell when somebody may manage fewer', () => {
    expect(losesManaging(grantChanges([admin], [viewer]))).toBe(true);
    expect(losesManaging(grantChanges([viewer], [admin]))).toBe(false);
  });
});
