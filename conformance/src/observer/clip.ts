/** Characters of a text that are shown in a sentence. */
const shownCharacters = 80

/** Characters that are shown of a long text before the first that differs. */
const leadCharacters = 20

/**
 * Shortens what came from outside, for a sentence. Line ends and tabs stand as escapes, so that it stays one line.
 *
 * @param text - `undefined` is what `JSON.stringify` makes of a member that is absent, although its type does not say so.
 * @param length - Characters of it that are shown.
 */
export function clip(text: string | undefined, length = shownCharacters): string {
  if (text === undefined) return 'nothing'
  return onOneLine(text.length <= length ? text : `${text.slice(0, length)}…`)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text with its line ends and tabs as the escapes that JSON has for them. */
export function onOneLine(text: string): string {
  return text.replace(/[\n\r\t]/g, (character) => escapes[character] ?? character)
}

/**
 * Two JSON values for a sentence, each as {@link clip} shows it; where they would look alike, from shortly before the place where they begin to
 * differ, and with what is not ASCII as escapes.
 *
 * @param absent - Stands for `undefined`.
 * @returns Both in words, in the order of the parameters.
 */
export function apart(expected: unknown, actual: unknown, absent = 'nothing'): readonly [string, string] {
  const texts = [textOf(expected), textOf(actual)] as const
  const [one, other] = texts
  const shown = [one === undefined ? absent : clip(one), other === undefined ? absent : clip(other)] as const
  if (one === undefined || other === undefined || one === other || !lookAlike(...shown)) return shown
  const spelled = [clip(asAscii(one)), clip(asAscii(other))] as const
  if (spelled[0] !== spelled[1]) return spelled
  const areTexts = typeof expected === 'string' && typeof actual === 'string'
  return areTexts ? fromDifference(expected, actual, JSON.stringify) : fromDifference(one, other, String)
}

/** What `JSON.stringify` makes of a value, although its type does not say so. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value)
}

function lookAlike(one: string, other: string): boolean {
  return one.normalize('NFKC') === other.normalize('NFKC')
}

function asAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function fromDifference(
  one: string,
  other: string,
  write: (part: string) => string,
): readonly [string, string] {
  let same = 0
  while (same < one.length && one[same] === other[same]) same += 1
  const from = Math.max(0, same - leadCharacters)
  const words = (text: string) => {
    const to = Math.min(text.length, from + shownCharacters)
    const part = asAscii(write(text.slice(from, to)))
    const ends = [from > 0 ? '…' : '', to < text.length ? '…' : ''] as const
    return `${ends[0]}${part}${ends[1]} (characters ${String(from + 1)} to ${String(to)} of ${String(text.length)})`
  }
  return [words(one), words(other)]
}
