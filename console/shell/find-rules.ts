const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether all words of `wanted` are in `text`, in any order and case, whatever marks the letters have. */
export const finds = (wanted: string, text: string): boolean =>
  plain(wanted)
    .split(/\s+/)
    .every((word) => plain(text).includes(word));
