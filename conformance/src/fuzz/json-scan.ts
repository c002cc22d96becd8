import { decimal } from '../endpoint/json-text.ts'

/** What a JSON text has that a parser passes over. */
export interface JsonScan {
  /** Levels of objects and arrays. */
  readonly depth: number
  /** Names that the top level has more than once. */
  readonly twice: ReadonlySet<string>
  /** Whether an object further down has a name more than once. */
  readonly twiceBelow: boolean
  /** Values that I-JSON (RFC 7493) forbids: a number that no double has, a lone surrogate, a noncharacter. */
  readonly isBeyond: boolean
  /** Every number, in one spelling for each decimal value. */
  readonly numbers: readonly string[]
}

const tokens = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|-?\d[\d.eE+-]*|[{}[\]]/g

const forbidden = /[\p{Surrogate}\p{Noncharacter_Code_Point}]/u

/**
 * Reads a text, without recursion.
 *
 * @param text - A JSON text.
 */
export function scanJson(text: string): JsonScan {
  const open: Set<string>[] = []
  const twice = new Set<string>()
  const numbers: string[] = []
  let depth = 0
  let twiceBelow = false
  let isBeyond = false
  for (const [token, quoted, colon] of text.matchAll(tokens)) {
    if (quoted !== undefined) {
      const value = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
      if (forbidden.test(value)) isBeyond = true
      const names = open.at(-1)
      if (colon === undefined || !names) continue
      if (names.has(value)) {
        if (open.length === 1) twice.add(value)
        else twiceBelow = true
      }
      names.add(value)
    } else if (token === '{' || token === '[') {
      open.push(new Set())
      depth = Math.max(depth, open.length)
    } else if (token === '}' || token === ']') open.pop()
    else {
      const value = decimal(token)
      numbers.push(value)
      const read = Number(token)
      if (!Number.isFinite(read) || decimal(String(read)) !== value) isBeyond = true
    }
  }
  return { depth, twice, twiceBelow, isBeyond, numbers }
}

/** Whether two values of JSON are equal: members in any order, `-0` as `0`. Values nested too deep to be compared count as equal. */
export function areEqual(one: unknown, other: unknown): boolean {
  try {
    return equal(one, other)
  } catch (error) {
    if (error instanceof RangeError) return true
    throw error
  }
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(other, name) &&
      equal((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  )
}
