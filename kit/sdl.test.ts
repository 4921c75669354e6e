import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Kind, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSubgraphSdl } from './sdl.ts';

describe("a subgraph's SDL", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-sdl-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The names of the types that a subgraph has. */
  const namesOf = async (schema: string): Promise<string[]> => {
    await writeFile(join(folder, 'schema.graphql'), schema);
    const { definitions } = parse(await readSubgraphSdl(pathToFileURL(`${folder}/`)));
    return definitions.flatMap((definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.ENUM_TYPE_DEFINITION
        ? [definition.name.value]
        : [],
    );
  };

  it('has what all share, and its own', async () => {
    expect(await namesOf('type Query { one: Int }')).toEqual(['PageInfo', 'Query']);
  });

  it('has the type SettingsChange where it speaks of it, as a whole word', async () => {
    const shared = ['PageInfo', 'SettingsChange', 'SettingsChangeState', 'SettingsPlan', 'PlannedSetting', 'Query'];
    expect(await namesOf('type Query { one: SettingsChange }')).toEqual(shared);
    expect(await namesOf('type Query { one: [SettingsChange!]! }')).toEqual(shared);
    expect(await namesOf('type Query { settingsChange: Int, one: LastSettingsChange }')).toEqual(['PageInfo', 'Query']);
  });
});
