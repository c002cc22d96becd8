import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { writtenMembers } from '../../endpoint/json-text.ts'
import { stringOf } from '../../endpoint/wire.ts'

/** One spelling for each value, as exact as it is written. */
export function settled(value: string): string {
  return writtenMembers(`{"data":${value}}`)[0]?.value ?? ''
}

/** What became of a message that may be refused unread: its outcome, or an error without `ref` ([outcomes.ref] asks for it within I-JSON). */
export async function outcomeOfDoubtful(a: Endpoint, id: string, since: number): Promise<Outcome> {
  const found = await a.waitFor(
    ({ message }) => message['ref'] === id || (message['type'] === 'error' && message['ref'] === undefined),
    `an answer to the message with id ${JSON.stringify(id)}`,
    { since },
  )
  return { ...found, type: stringOf(found.message, 'type') ?? '', code: stringOf(found.message, 'code') }
}
