import { check, type Check } from '../engine/check.ts'
import type { CheckContext } from '../engine/context.ts'
import { CheckFailure } from '../engine/failure.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { clip } from '../observer/frame-observer.ts'
import { hangupTo, offerTo } from './negotiation-message.ts'
import { expectRefusal } from './refusal.ts'

/** Sends a text that is refused as a whole: no `id` can be read from it, so its error is the next one without a `ref`. */
async function refusesText(t: CheckContext, text: string): Promise<void> {
  const a = await t.client()
  await a.sync()
  a.sendRaw(text)
  const error = await a.expect('error', ({ ref }) => ref === undefined, `an error about the frame ${clip(text)}`)
  if (error.code !== 'bad-message') {
    throw new CheckFailure(`bad-message for the frame ${clip(text)}`, `the error was ${error.code}`)
  }
  // The control: the same connection still works.
  await a.sync()
}

/** Sends a relayed message with a forbidden member: refused, not delivered, while the same without it is delivered. */
async function refusesMember(t: CheckContext, member: string, value: (b: Endpoint, a: Endpoint) => unknown): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = { room, to: b.peer, call: t.callId() }
  const id = a.sendBroken({ ...offerTo(place), [member]: value(b, a) })
  await expectRefusal(a, id, ['bad-message'], `an offer with the member ${member}`)
  const control = t.callId()
  a.send(offerTo({ ...place, call: control }))
  await b.expect('offer', ({ call }) => call === control, `the same offer without ${member}`)
  const [leaked] = b.all('offer', ({ call }) => call === place.call)
  if (leaked) throw new CheckFailure(`no delivery of an offer with the member ${member}`, 'it was delivered')
}

/** Checks of spec/frames.md: what is refused and what is accepted. */
export const frameChecks: readonly Check[] = [
  check('frames.not-object', 'text that is not JSON', (t) => refusesText(t, '{"type":"ping"'), {
    name: 'malformed',
    hostile: true,
  }),
  check('frames.not-object', 'a JSON array', (t) => refusesText(t, '[{"type":"ping"}]'), { name: 'array', hostile: true }),
  check('frames.not-object', 'JSON null', (t) => refusesText(t, 'null'), { name: 'null', hostile: true }),
  check('frames.forged-from', 'an offer with a forged sender', (t) => refusesMember(t, 'from', (b) => b.peer), {
    hostile: true,
  }),
  check('frames.goes-on', 'refused frames change nothing', async (t) => {
    const { room, a, b } = await t.pair()
    a.sendRaw('{]')
    a.sendBroken({ type: 'join' })
    const place = { room, to: b.peer, call: t.callId() }
    a.send(hangupTo(place))
    await b.expect('hangup', ({ call }) => call === place.call, 'a message that follows refused frames')
  }, { hostile: true }),
]
