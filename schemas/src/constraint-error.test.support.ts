import type { ErrorObject } from 'ajv/dist/2020.js'
import { tokensOf } from './published.test.support.ts'

/** One of Ajv's errors as the constraints that it says are broken, and the branches of unions in which it stands. */
interface Reading {
  readonly ids: readonly string[]
  readonly keyword: string
  /** Where the value is, as Ajv names it. */
  readonly place: string
  /** Each union on the way, as the path of the schema, with the number of the branch. */
  readonly branches: readonly (readonly [union: string, branch: string])[]
}

/**
 * The one constraint that Ajv holds against a value, from all its errors; two where an alternative is broken, none where several things are.
 *
 * @param errors - Of a schema without `$ref`, with `allErrors` and `verbose`.
 */
export function brokenByAjv(root: string, errors: readonly ErrorObject[]): readonly string[] {
  const ways = waysOf(
    errors
      .filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'propertyNames')
      .map((error) => read(root, error)),
    0,
  )
  return [...new Set(ways.flatMap((ids) => (ids.length === 1 ? ids : [])))].sort()
}

function waysOf(readings: readonly Reading[], depth: number): readonly (readonly string[])[] {
  const outside = readings.filter(({ branches }) => branches.length === depth)
  const mistyped = new Set(outside.filter(({ keyword }) => keyword === 'type').map(({ place }) => place))
  // What is of another type is no allowed word either.
  const own = outside.filter(
    ({ keyword, place }) => !['const', 'enum'].includes(keyword) || !mistyped.has(place),
  )
  const unions = grouped(
    readings.filter(({ branches }) => branches.length > depth),
    ({ branches }) => branches[depth]?.[0] ?? '',
  )
  return unions.reduce<readonly (readonly string[])[]>(
    (ways, union) =>
      ways.flatMap((way) => waysOfUnion(union, depth).map((more) => [...new Set([...way, ...more])])),
    [own.flatMap(({ ids }) => ids)],
  )
}

function waysOfUnion(readings: readonly Reading[], depth: number): readonly (readonly string[])[] {
  const branches = grouped(readings, ({ branches: own }) => own[depth]?.[1] ?? '')
  const top = Math.min(...readings.map(({ place }) => place.length))
  const isMistyped = (branch: readonly Reading[]) =>
    branch.some(({ keyword, place }) => keyword === 'type' && place.length === top)
  const typed = branches.filter((branch) => !isMistyped(branch))
  if (typed.length === 0) {
    const [first] = readings
    const types = branches.flatMap((branch) =>
      branch
        .filter(({ keyword }) => keyword === 'type')
        .flatMap(({ ids }) => ids.map((id) => id.replace(/^.*: /, ''))),
    )
    return [[`${(first?.ids[0] ?? '').replace(/: .*/, '')}: ${[...new Set(types)].join(' or ')}`]]
  }
  const ways = typed.flatMap((branch) => waysOf(branch, depth + 1))
  const least = Math.min(...ways.map((way) => way.length))
  return ways.filter((way) => way.length === least)
}

function read(root: string, error: ErrorObject): Reading {
  const path: string[] = []
  const branches: [string, string][] = []
  const tokens = tokensOf(error.schemaPath)
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? ''
    if (token === 'items') path.push('*')
    else if (token === 'properties' || token === 'patternProperties')
      path.push(token === 'properties' ? decodeURIComponent(tokens[(at += 1)] ?? '') : ((at += 1), '*'))
    else if (token === 'additionalProperties' && at < tokens.length - 1) path.push('*')
    else if (token === 'anyOf') branches.push([tokens.slice(0, at).join('/'), tokens[(at += 1)] ?? ''])
  }
  const id = (words: string, ...more: string[]) => `${[root, ...path, ...more].join('/')}: ${words}`
  const params = error.params as Record<string, unknown>
  const ids = wordsOf(error, params).map((words) =>
    words === 'required' ? id(words, String(params['missingProperty'])) : id(words),
  )
  return { ids, keyword: error.keyword, place: error.instancePath, branches }
}

function wordsOf(error: ErrorObject, params: Record<string, unknown>): readonly string[] {
  const { keyword, data } = error
  switch (keyword) {
    case 'required':
    case 'enum':
      return [keyword]
    case 'not':
      return ['absent']
    case 'type':
      return [String(params['type'])]
    case 'const':
      return [`const ${JSON.stringify(params['allowedValue'])}`]
    case 'additionalProperties':
      return [
        `names ${Object.keys((error.parentSchema as { patternProperties: object }).patternProperties).join('|')}`,
      ]
    case 'pattern':
      if (error.propertyName !== undefined) return [`names ${String(params['pattern'])}`]
      return partsOf(String(params['pattern']), String(data))
    default:
      return [`${keyword} ${String(params['limit'])}`]
  }
}

/** A pattern of an alphabet and a length, as what of it a text breaks. */
function partsOf(pattern: string, text: string): readonly string[] {
  const [, alphabet, least, most = least] =
    /^\^(\[[^\]]+\])(?:\{(\d+)(?:,(\d+))?\}|\*)\$$/.exec(pattern) ?? []
  if (alphabet === undefined) return [`pattern ${pattern}`]
  const length = Array.from(text).length
  return [
    ...(new RegExp(`^${alphabet}*$`, 'u').test(text) ? [] : [`characters ${alphabet}`]),
    ...(length < Number(least ?? 0) ? [`minLength ${least ?? ''}`] : []),
    ...(length > Number(most ?? Infinity) ? [`maxLength ${most ?? ''}`] : []),
  ]
}

function grouped(
  readings: readonly Reading[],
  keyOf: (reading: Reading) => string,
): readonly (readonly Reading[])[] {
  const groups = new Map<string, Reading[]>()
  for (const reading of readings) groups.set(keyOf(reading), [...(groups.get(keyOf(reading)) ?? []), reading])
  return [...groups.values()]
}
