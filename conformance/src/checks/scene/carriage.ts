import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import { parseWire, type Wire } from '../../endpoint/wire.ts'

/** A sender and a receiver, both members of a room. */
export interface Way {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
}

/** Writes a relayed message; each call of the function makes one with a call of its own. */
export type Letter = (call: string) => string

/** A relayed message that has arrived. */
export interface Carried {
  readonly sent: Wire
  readonly arrived: Received
}

/**
 * Sends relayed messages in one go and waits until all have arrived. One that has not is sent once more: if that arrives, its content was
 * not to blame for the loss, which is judged elsewhere.
 *
 * @param what - What the messages are like: `an offer with this sdp`; of each by its place in the list where they differ.
 */
export async function carry(
  t: CheckContext,
  way: Way,
  letters: readonly Letter[],
  what: string | ((place: number) => string),
): Promise<readonly Carried[]> {
  const first = await post(t, way, letters)
  const lost = [...letters.entries()].filter(([place]) => first[place]?.arrived === undefined)
  const again = lost.map(([, letter]) => letter)
  const second = again.length > 0 ? await post(t, way, again) : []
  const neverAt = second.findIndex(({ arrived }) => arrived === undefined)
  const never = second[neverAt]
  if (never) {
    const { sent } = never
    // The barrier has come to the receiver; what the sender is told may still be on its way.
    const isRefusal = ({ message }: Received) =>
      message['type'] === 'error' && message['call'] === sent['call']
    await way.a.comes(isRefusal)
    const error = way.a.all('error', ({ call }) => call === sent['call']).at(0)
    const actual = error
      ? `it was refused with ${error.code}`
      : (await cameLate(way.b, sent))
        ? 'it came only after a message that was sent later'
        : 'it did not arrive, while a message sent after it did'
    const like = typeof what === 'string' ? what : what(lost[neverAt]?.[0] ?? 0)
    const failure = new CheckFailure(`${String(sent['type'])} delivered: ${like}`, actual)
    // Every letter is valid by the schema of its type.
    if (error?.code === 'bad-message') failure.presupposes = 'frames.good-shape'
    throw failure
  }
  return [...first, ...second].flatMap(({ sent, arrived }) => (arrived ? [{ sent, arrived }] : []))
}

/** What was overtaken has not been lost: it is waited for once more, to say which of the two it was. */
async function cameLate(receiver: Endpoint, { type, call }: Wire): Promise<boolean> {
  try {
    await receiver.waitFor(({ message }) => message['type'] === type && message['call'] === call, 'it')
    return true
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof Undecided) return false
    throw error
  }
}

async function post(
  t: CheckContext,
  { room, a, b }: Way,
  letters: readonly Letter[],
): Promise<readonly { readonly sent: Wire; readonly arrived: Received | undefined }[]> {
  const since = b.log.length
  const sent = letters.map((letter) => {
    const text = letter(t.callId())
    a.sendText(text)
    return parseWire(text) ?? {}
  })
  await t.barrier(a, b, room)
  const relayed = b.log.slice(since)
  return sent.map((message) => {
    const { type, call, id } = message
    const same = (name: 'call' | 'id', value: unknown) => (frame: Received) =>
      frame.message['type'] === type && frame.message[name] === value
    // By its id, where the call was changed on the way.
    const arrived =
      relayed.find(same('call', call)) ?? (id === undefined ? undefined : relayed.find(same('id', id)))
    return { sent: message, arrived }
  })
}

/** Writes further members behind those of a message; as text, so that names such as `__proto__` stay names. */
export function withMembers(message: object, members: string): string {
  return `${JSON.stringify(message).slice(0, -1)},${members}}`
}
