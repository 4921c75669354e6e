import { isNode, LineCounter, parseDocument } from 'yaml';

export type Path = readonly (string | number)[];
/** Line and column, both from 1. */
export type Place = { line: number; column: number };

export type PlacedYaml = {
  content: unknown;
  /** Where that stands which is at `path`, or the nearest part above it that is there. */
  placeOf: (path: Path) => Place;
};

/** As many mistakes as anybody mends at once: one bracket may be thousands. */
const MAX_FAULTS = 1_000;
/** As often as an alias of YAML may be resolved: aliases of aliases could make gigabytes of a page. */
const MAX_ALIASES = 100;

/** Reads YAML, of which JSON is a part (YAML 1.2.2, section 1.2), with the place of each of its parts; or says what is wrong with it, and where. */
export function readPlacedYaml(text: string): PlacedYaml | { faults: (Place & { message: string })[] } {
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  } catch (err) {
    // The parser calls itself for each level: ten thousand brackets are more than a stack holds.
    if (!(err instanceof RangeError)) throw err;
    return { faults: [{ line: 1, column: 1, message: 'it is nested too deeply' }] };
  }
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    return { faults: document.errors.slice(0, MAX_FAULTS).map(({ pos, message }) => ({ ...place(pos[0]), message })) };
  const placeOf = (path: Path): Place => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return place(node.range[0]);
    }
    return place(document.contents?.range?.[0] ?? 0);
  };
  try {
    return { content: document.toJS({ maxAliasCount: MAX_ALIASES }), placeOf };
  } catch (err) {
    return { faults: [{ ...placeOf([]), message: err instanceof Error ? err.message : String(err) }] };
  }
}

/** A path for people: `items[3].port`. */
export const pathText = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('');
