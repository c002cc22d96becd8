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
  return expected === actual ? undefined : `${path} is ${shown(actual)}, not ${shown(expected)}`
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

/** A value for a sentence; long strings by their length and beginning, with what cannot be seen written as escapes. */
function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  const visible = text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return visible.length <= 60 ? visible : `${visible.slice(0, 60)}… (${String(text.length)} characters)`
}
