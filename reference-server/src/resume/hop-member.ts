import { membersOf } from '../json-text.ts'

/** A message of a client without what numbers it. */
export interface Unnumbered {
  readonly frame: Buffer
  readonly seq: unknown
  readonly ack: unknown
}

/**
 * Takes `seq` and `ack` out of the text of a message, without touching its other members.
 *
 * @param text - A JSON text of an object that has been parsed without error.
 * @returns `undefined` where one of them stands there twice.
 */
export function withoutNumbers(text: string): Unnumbered | undefined {
  const kept: string[] = []
  const numbers = new Map<string, unknown>()
  for (const { name, start, end, value } of membersOf(text)) {
    if (name !== 'seq' && name !== 'ack') kept.push(text.slice(start, end))
    else if (numbers.has(name)) return undefined
    else numbers.set(name, JSON.parse(text.slice(value, end)))
  }
  return { frame: Buffer.from(`{${kept.join()}}`), seq: numbers.get('seq'), ack: numbers.get('ack') } // seq.hop
}
