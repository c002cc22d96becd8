/** A frame as JSON objects hold it: nothing is known of its members yet. */
export type Wire = Readonly<Record<string, unknown>>

/** Reads a frame; `undefined` when it is not a JSON object. */
export function parseWire(text: string): Wire | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : undefined
  } catch {
    return undefined
  }
}

/** A member that is a string, or `undefined`. */
export function stringOf(message: Wire, member: string): string | undefined {
  const value = message[member]
  return typeof value === 'string' ? value : undefined
}
