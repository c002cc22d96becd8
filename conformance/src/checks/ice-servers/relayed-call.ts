import { isTurnServer } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { Late, Undecided } from '../../engine/failure.ts'
import type { Leg } from '../../engine/result.ts'
import { CallWaitError } from '../../peer/call-wait-error.ts'
import type { Call } from '../../peer/call.ts'
import type { RTCIceServer } from '../../peer/peer-connection.ts'
import { withPeers } from '../end-to-end/audit.ts'
import { enter } from '../end-to-end/participant.ts'
import { callPair, carriesData } from '../end-to-end/truth.ts'
import { askForServers } from './ice-servers.ts'

/** Legs of a call that a relay carries: its server refuses permissions (RFC 8656, section 9) and refreshes, too, once the credentials have ended. */
const relayedLegs: ReadonlySet<Leg> = new Set<Leg>(['turn', 'ice', 'dtls', 'media'])

/** Rejects when a side has ended its gathering with nothing but errors of TURN servers: there is nothing more to wait for. */
async function getsNoRelay(call: Call): Promise<never> {
  await call.until(
    ({ log, peer }) =>
      peer.iceGatheringState === 'complete' &&
      log.steps('candidate-error').some(({ url }) => url.startsWith('turn')) &&
      log.steps('candidate-sent').every(({ candidate }) => candidate === ''),
    'the end of gathering',
  )
  throw new CallWaitError('No TURN server has given a relay', call.log.entries)
}

/** Two peers that may use relays alone connect with what the server gives each of them. */
async function connectsByRelay(t: CheckContext): Promise<void> {
  const room = t.room()
  const participants = await Promise.all(
    [0, 1].map(async () => {
      const endpoint = await t.client()
      const { message, notBefore } = await askForServers(t, endpoint)
      const iceServers: readonly RTCIceServer[] = message.iceServers.map((server) =>
        isTurnServer(server)
          ? { urls: server.urls, username: server.username, credential: server.credential }
          : { urls: server.urls },
      )
      const options = { peer: { iceServers, iceTransportPolicy: 'relay' } } as const
      return { endpoint, options, endAt: notBefore + (message.expiresInMs ?? Infinity) }
    }),
  )
  const [one, two] = participants
  if (one === undefined || two === undefined) return
  if (!one.options.peer.iceServers.some(({ credential }) => credential !== undefined))
    t.notApplicable('ice-servers names no TURN server')
  const a = await enter(t, room, { endpoint: one.endpoint })
  const b = await enter(t, room, { endpoint: two.endpoint, incoming: two.options })
  try {
    await withPeers(t, [a, b], async () => {
      const pair = await callPair(a, b, one.options)
      await Promise.race([carriesData(t, pair), getsNoRelay(pair.caller)])
    })
  } catch (error) {
    if (!(error instanceof Undecided) || error.leg === undefined || !relayedLegs.has(error.leg)) throw error
    const overdueMs = performance.now() - Math.min(one.endAt, two.endAt)
    if (overdueMs < 0) throw error
    const why = 'they ended before both peers had used them'
    throw new Undecided(
      'could-not-run',
      `The credentials were of no use: ${why}. ${error.message}`,
      error.leg,
      new Late('credentials that last until then', why),
    )
  }
}

/** Checks of spec/ice-servers.md with real peers. */
export const relayedCallChecks: readonly Check[] = [
  check('ice.accepted', 'a call through the relays that the server names', connectsByRelay, {
    capability: 'ice-servers',
    name: 'peers',
    peers: true,
  }),
]
