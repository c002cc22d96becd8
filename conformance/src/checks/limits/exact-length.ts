import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { announcedLimit, enter } from '../scene/membership.ts'
import { offerTo } from '../scene/negotiation-message.ts'

/** Around these many bytes RFC 6455, section 5.2, writes the length of a frame in another way. */
const turns = { short: [125, 126, 127], long: [65_535, 65_536, 65_537] }

/** Sends an offer with so many bytes of sdp; returns the bytes that arrive. */
async function deliveredBytes(a: Endpoint, b: Endpoint, t: CheckContext, room: string, sdpBytes: number) {
  const call = t.callId()
  a.send(offerTo({ room, to: b.peer, call }, { sdp: 'z'.repeat(sdpBytes) }))
  const what = `an offer with ${String(sdpBytes)} bytes of sdp`
  const { text } = await b.waitFor(({ message }) => message['call'] === call, what)
  return Buffer.byteLength(text)
}

/** What the server adds is known from a first message; then the delivered text has exactly the lengths that matter. */
async function deliversEachLength(t: CheckContext): Promise<void> {
  const most = announcedLimit(t, 'messageBytes') ?? 65_536
  t.cost({ bytes: 2 * turns.long.reduce((sum, length) => sum + length, 0) }, 'Sending large messages')
  const { room, a, b } = await t.pair()
  const added = (await deliveredBytes(a, b, t, room, 1)) - 1
  const call = t.callId()
  const own = Buffer.byteLength(JSON.stringify(offerTo({ room, to: b.peer, call }, { sdp: '' })))
  for (const length of turns.long) {
    const sdpBytes = length - added
    // A server that adds nothing but `from` makes each message longer than it was sent.
    if (own + sdpBytes <= most) await deliveredBytes(a, b, t, room, sdpBytes)
  }
}

/** `left` is as long as the name of its room makes it. */
async function leavesAtEachLength(t: CheckContext): Promise<void> {
  const a = await t.client()
  const base = t.room()
  // Each has an id of its own; all ids are of one length.
  const left = async (room: string, id: string) => {
    await enter(t, a, room)
    const outcome = await a.request({ type: 'leave', room, id })
    if (outcome.type !== 'left') throw unexpected(outcome, 'left for the leave of a member')
    return Buffer.byteLength(outcome.text)
  }
  const added = (await left(base, 'leave-0')) - base.length
  for (const [place, length] of turns.short.entries()) {
    const name = length - added
    if (name > base.length && name <= 128) await left(base.padEnd(name, 'z'), `leave-${String(place + 1)}`)
  }
}

/** Checks of messages of exactly those lengths at which a frame's head changes. */
export const exactLengthChecks: readonly Check[] = [
  check('relay.delivered', 'messages of exactly 65,535 to 65,537 bytes', deliversEachLength, {
    name: 'exact-lengths',
  }),
  check('rooms.leave', 'left of exactly 125 to 127 bytes', leavesAtEachLength, { name: 'exact-lengths' }),
]
