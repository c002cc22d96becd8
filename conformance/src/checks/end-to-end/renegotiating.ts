import type { Check } from '../../engine/check.ts'
import type { Call } from '../../peer/call.ts'
import { statsUntil } from '../../peer/stats-until.ts'
import { betweenTwo } from './e2e.ts'
import { alive, callPair, carriesData, framesArrive, type CallPair } from './truth.ts'

type Side = keyof CallPair

const stable = (call: Call) => call.peer.signalingState === 'stable'
const offering = (call: Call) => call.peer.signalingState === 'have-local-offer'
const answersApplied = (call: Call) =>
  call.log.steps('description-applied').filter(({ type }) => type === 'answer').length

/** Does something that needs a new description, and waits for its answer. */
async function renegotiate(call: Call, what: string, change: () => Promise<unknown>): Promise<void> {
  const before = answersApplied(call)
  await change()
  await call.until((own) => answersApplied(own) > before && stable(own), `the answer to ${what}`)
}

function renegotiationFrom(side: Side): Check {
  return betweenTwo(
    'relay.no-call-state',
    `tracks are added, redirected and removed by the ${side}`,
    { name: `renegotiation-by-${side}` },
    async (t, { a, b }) => {
      const pair = await callPair(a, b)
      await carriesData(t, pair)
      const [own, other] = side === 'caller' ? [pair.caller, pair.callee] : [pair.callee, pair.caller]
      let video = ''
      await renegotiate(own, 'an added track', async () => {
        video = await own.peer.addTrack('video')
      })
      await framesArrive(other, 0, 3)
      await renegotiate(own, 'a second track', () => own.peer.addTrack('audio'))
      await framesArrive(other, 10, 0)
      await renegotiate(own, 'a change of direction', () =>
        own.peer.setDirection({ kind: 'audio' }, 'inactive'),
      )
      await renegotiate(own, 'the direction changed back', () =>
        own.peer.setDirection({ kind: 'audio' }, 'sendonly'),
      )
      await framesArrive(other, 10, 0)
      await renegotiate(own, 'a removed track', () => own.peer.removeTrack(video))
      await carriesData(t, pair)
    },
  )
}

async function usernameFragments(pair: CallPair): Promise<readonly (string | undefined)[]> {
  const stats = await Promise.all([pair.caller.peer.getStats(), pair.callee.peer.getStats()])
  return stats.map(({ localUsernameFragments }) => localUsernameFragments[0])
}

function restartFrom(side: Side): Check {
  return betweenTwo(
    'relay.no-call-state',
    `an ICE restart by the ${side} moves the connection to new credentials`,
    { name: `ice-restart-by-${side}` },
    async (t, { a, b }) => {
      const pair = await callPair(a, b)
      await carriesData(t, pair)
      const before = await usernameFragments(pair)
      const port = (await alive(pair.caller)).selectedPair?.local.port
      await renegotiate(pair[side], 'the ICE restart', () => pair[side].peer.restartIce())
      await statsUntil(
        pair.caller.peer,
        ({ selectedPair }) => selectedPair !== undefined && selectedPair.local.port !== port,
        'a selected pair of the new credentials',
      )
      await carriesData(t, pair)
      const after = await usernameFragments(pair)
      t.evidence.push(`ice-ufrag ${before.join(', ')} became ${after.join(', ')}`)
    },
  )
}

/** Checks that a call which stands can be changed. */
export const renegotiatingChecks: readonly Check[] = [
  renegotiationFrom('caller'),
  renegotiationFrom('callee'),
  restartFrom('caller'),
  restartFrom('callee'),
  betweenTwo(
    'delivery.order',
    'two offers cross inside a call, and both changes come through',
    { name: 'glare-inside-a-call' },
    async (t, { a, b }) => {
      const pair = await callPair(a, b)
      await carriesData(t, pair)
      a.hold()
      b.hold()
      const both = [pair.caller, pair.callee]
      await Promise.all(both.map((call) => call.peer.addTrack('audio')))
      // Each offers by itself once its track is there; nothing arrives while both are held.
      await Promise.all(both.map((call) => call.until(offering, 'an offer of its own')))
      a.release()
      b.release()
      await Promise.all([framesArrive(pair.caller, 5, 0), framesArrive(pair.callee, 5, 0)])
      await Promise.all(both.map((call) => call.until(stable, 'stable')))
      await carriesData(t, pair)
      const ignored = pair.caller.log.steps('offer-ignored').length
      t.evidence.push(`${String(ignored)} offers of the callee gave way`)
    },
  ),
  betweenTwo(
    'delivery.no-gap',
    'candidates of a rolled-back round arrive, and harm nothing',
    { name: 'rolled-back-candidates' },
    async (t, { a, b }) => {
      const pair = await callPair(a, b)
      await carriesData(t, pair)
      a.hold()
      b.hold()
      await Promise.all([pair.caller.negotiate(), pair.callee.negotiate({ iceRestart: true })])
      const fragment = pair.callee.log.steps('description-sent').at(-1)?.usernameFragments[0]
      const ofRestart = (call: Call, step: 'candidate-sent' | 'candidate-received') =>
        call.log.steps(step).some((each) => each.candidate === '' && each.usernameFragment === fragment)
      await pair.callee.until(
        (call) => ofRestart(call, 'candidate-sent'),
        'all candidates of the restart sent',
      )
      a.release()
      b.release()
      await pair.caller.until(
        (call) => ofRestart(call, 'candidate-received'),
        'all candidates of the restart',
      )
      await Promise.all([pair.caller, pair.callee].map((call) => call.until(stable, 'stable')))
      await carriesData(t, pair)
    },
  ),
]
