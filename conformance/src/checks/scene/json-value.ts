/**
 * Where two JSON values differ: strings code point for code point, numbers by value, arrays in order, objects member for member.
 *
 * @param path - Place of the values, for the answer.
 * @returns The first place that differs, in words; `undefined` when they are equal.
 */
export function differenceOf(expected: unknown, actual: unknown, path: string): string | undefined {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return `${path} has ${String(actual.length)} items, not ${String(expected.length)}`
    return firstOf(
      expected.map((item, place) => () => differenceOf(item, actual[place], `${path}[${String(place)}]`)),
    )
  }
  if (isObject(expected) && isObject(actual)) {
    const extra = Object.keys(actual).find((name) => !Object.hasOwn(expected, name))
    if (extra !== undefined) return `${path} has a further member ${JSON.stringify(extra)}`
    return missingFrom(expected, actual, path)
  }
  // -0 and 0 are of equal value.
  if (expected === actual) return undefined
  if (typeof expected === 'string' && typeof actual === 'string')
    return differenceOfTexts(expected, actual, path)
  return `${path} is ${shown(actual)}, not ${shown(expected)}`
}

/** Characters of a long string that are shown before the first that differs. */
const leadLength = 12

/** Short strings as a whole; of long ones the place where they begin to differ. */
function differenceOfTexts(expected: string, actual: string, path: string): string {
  const isShort = [expected, actual].every((text) => visible(JSON.stringify(text)).length <= shownLength)
  if (isShort) return `${path} is ${shown(actual)}, not ${shown(expected)}`
  const units = expected.split('')
  const same = units.findIndex((unit, place) => unit !== actual[place])
  const place = same === -1 ? expected.length : same
  const from = Math.max(0, place - leadLength)
  const part = (text: string) => {
    const rest = text.slice(from)
    return rest === '' ? 'nothing' : `${from > 0 ? '…' : ''}${shown(rest, 40)}`
  }
  const lengths =
    expected.length === actual.length
      ? ''
      : `, ${String(actual.length)} characters in all, not ${String(expected.length)}`
  return `${path} is ${part(actual)} from character ${String(place + 1)} on, not ${part(expected)}${lengths}`
}

/** Like {@link differenceOf} for two objects, of which the second may have more members. */
export function missingFrom(expected: object, actual: object, path = ''): string | undefined {
  return firstOf(
    Object.entries(expected).map(([name, value]: [string, unknown]) => () => {
      const place = path === '' ? name || '""' : `${path}.${name || '""'}`
      if (!Object.hasOwn(actual, name)) return `${place} is missing`
      return differenceOf(value, (actual as Record<string, unknown>)[name], place)
    }),
  )
}

function firstOf(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look()
    if (found !== undefined) return found
  }
  return undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Characters of a value that are shown. */
const shownLength = 60

/** A value for a sentence; long ones by their beginning, with what cannot be seen written as escapes. */
function shown(value: unknown, length = shownLength): string {
  const text = visible(value === undefined ? 'absent' : JSON.stringify(value))
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

function visible(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
