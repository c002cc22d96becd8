/**
 * Deepest nesting of `data` that is taken. `frames.nesting` asks for 16 levels of a whole message; without any bound a
 * frame of brackets alone would exhaust the stack when it is written again.
 */
const deepest = 64

const loneSurrogate = /\p{Surrogate}/u

/** `data` of a member as the server keeps it, or why it cannot be carried. */
export type DataVerdict =
  | { readonly ok: true; readonly text: string; readonly bytes: number }
  | { readonly ok: false; readonly detail: string }

/**
 * Turns `data` into the JSON text that other members will be sent.
 *
 * The text has the length that RFC 8785 gives it: that standard writes numbers and strings as `JSON.stringify` does, and
 * sorting members does not change the length.
 *
 * @param value - What `JSON.parse` returned.
 */
export function writeData(value: unknown): DataVerdict {
  const detail = fault(value, 1)
  if (detail !== undefined) return { ok: false, detail }
  const text = JSON.stringify(value)
  return { ok: true, text, bytes: Buffer.byteLength(text) }
}

/** frames.object: what the server sends itself is I-JSON, so it cannot hold what I-JSON cannot. */
function fault(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string')
    return loneSurrogate.test(value) ? 'a lone surrogate is not I-JSON' : undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number is beyond a double'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > deepest) return `nested deeper than ${deepest} levels`
  for (const [name, member] of Object.entries(value)) {
    const found = fault(name, depth) ?? fault(member, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
