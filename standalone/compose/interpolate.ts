/** Raised for a `${...}` that can't be filled in; the message names the variable. */
export class InterpolationError extends Error {
  readonly code = 'INTERPOLATION_INVALID';
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** The index behind the brace that closes the one whose content begins at `start`. */
function endOfBraces(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('$$', at)) at += 1;
    else if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw new InterpolationError(`"${text}" has a \${ without its }`);
}

function nameAt(text: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? '';
}

/** What stands for `NAME`, `NAME:-word` and the like between braces. */
function expand(content: string, variables: NodeJS.ProcessEnv): string {
  const name = nameAt(content, 0);
  const [, colon = '', operator, word = ''] = /^(:?)([-?+])([\s\S]*)$/.exec(content.slice(name.length)) ?? [];
  if (name === '' || (operator === undefined && name !== content)) {
    throw new InterpolationError(
      `\${${content}} is none of \${NAME}, \${NAME:-word}, \${NAME:?word} and \${NAME:+word}`,
    );
  }
  const value = variables[name];
  const isSet = value !== undefined && (colon === '' || value !== '');
  if (operator === '+') return isSet ? interpolate(word, variables) : '';
  if (isSet) return value;
  if (operator === '?') throw new InterpolationError(`${name} ${interpolate(word, variables) || 'is not set'}`);
  return operator === '-' ? interpolate(word, variables) : '';
}

/**
 * Fills in variables as Compose does (Compose specification, "Interpolation"): `$NAME`, `${NAME}`, a default behind `-`, an
 * error behind `?`, a replacement behind `+`, each with a colon for "or empty"; `$$` is a dollar sign. One that is not set is empty.
 *
 * @throws InterpolationError
 */
export function interpolate(text: string, variables: NodeJS.ProcessEnv): string {
  let result = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '$') {
      result += text[at];
      at += 1;
    } else if (text[at + 1] === '$') {
      result += '$';
      at += 2;
    } else if (text[at + 1] === '{') {
      const end = endOfBraces(text, at + 2);
      result += expand(text.slice(at + 2, end - 1), variables);
      at = end;
    } else {
      const name = nameAt(text, at + 1);
      if (name === '') throw new InterpolationError(`"${text}" has a $ that is neither $NAME nor $$`);
      result += variables[name] ?? '';
      at += 1 + name.length;
    }
  }
  return result;
}
