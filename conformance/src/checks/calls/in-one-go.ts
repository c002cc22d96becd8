import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { expectSilence, hearEnd, invite, ring, stage, toldOf } from './stage.ts'

/** Waits until somebody else has seen a peer leave the room in which both are. */
async function seesGone(endpoint: Endpoint, { peer }: Endpoint): Promise<void> {
  await endpoint.expect('peer-left', (left) => left.peer === peer, `peer-left about ${peer}`)
}

/** ring.caller-lost: who invites and is gone in one go rings nobody, or no more. */
async function losesACallerAtOnce(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  // That a server lets them ring each other at all is seen first: the outcome of what follows is read by nobody.
  const before = await invite(t, b, { peer: a.peer })
  b.send({ type: 'cancel', call: before, reason: 'normal' })
  const call = t.callId()
  a.post({ type: 'invite', call, callee: { peer: b.peer } })
  a.close()
  await seesGone(b, a)
  await b.sync()
  const when = 'whose caller has sent its invite, and closed its connection in one go'
  const [first] = toldOf(b, call)
  if (first) await hearEnd(b, 'cancel', call, 'lost', when)
}

/** talk.lost, ring.endpoint-lost, ring.last: who accepts and is gone in one go has taken the call, or has not. */
async function losesATakerAtOnce(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = await ring(t, a, [b])
  b.post({ type: 'accept', call })
  b.close()
  await seesGone(a, b)
  const when = 'where the endpoint has sent its accept, and closed its connection in one go'
  const what = `accept, or reject with reason lost, at ${a.name} ${when}`
  const end = await a.waitFor(
    ({ message }) =>
      message['call'] === call && (message['type'] === 'accept' || message['type'] === 'reject'),
    what,
  )
  if (end.message['type'] === 'accept') {
    await hearEnd(a, 'call-ended', call, 'lost', when)
    return
  }
  await hearEnd(a, 'reject', call, 'lost', when)
  await a.sync()
  expectSilence(a, call, end.index + 1, `after its reject, ${when}`)
}

const options = { capability: 'calls', name: 'at-once' } as const

/** Checks of parties that say something and are gone in one go. */
export const inOneGoChecks: readonly Check[] = [
  check('ring.caller-lost', 'an invite and the end of its connection in one go', losesACallerAtOnce, options),
  check('talk.lost', 'an accept and the end of its connection in one go', losesATakerAtOnce, options),
]
