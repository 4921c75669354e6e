import { readdir } from 'node:fs/promises';
import type { Service } from '@wheelhouse/kit/service.ts';

const SUBGRAPHS = new URL('../subgraphs/', import.meta.url);

/** The names of all subgraphs: nothing but their folders lists them. */
export async function subgraphNames(): Promise<string[]> {
  const entries = await readdir(SUBGRAPHS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Loads every subgraph's service. */
export async function loadServices(): Promise<Service[]> {
  const names = await subgraphNames();
  return Promise.all(
    names.map(async (name) => {
      const { service }: { service: Service } = await import(new URL(`${name}/main.ts`, SUBGRAPHS).href);
      return service;
    }),
  );
}
