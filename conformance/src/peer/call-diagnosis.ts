import type { Leg } from '../engine/result.ts'
import { amounts } from './amounts.ts'
import type { Call } from './call.ts'
import type { PeerStats, SelectedCandidate } from './peer-connection.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import { PeerOperationError } from './peer-operation-error.ts'

/** One side of a call, and the endpoint that it belongs to. */
export interface CallSide {
  readonly endpoint: string
  readonly call: Call
}

/** Where a call broke whose signaling was complete and unchanged, and what shows it. */
export interface CallDiagnosis {
  readonly leg: Exclude<Leg, 'signaling'>
  /** Facts for a person who has to find out why. */
  readonly facts: readonly string[]
}

/** Sides of which a diagnosis tells: both of one call. */
const shownSides = 2

/** Candidate pairs that a diagnosis lists for a side. */
const shownPairs = 6

const order = [
  'peer-library',
  'turn',
  'ice',
  'dtls',
  'media',
] as const satisfies readonly CallDiagnosis['leg'][]

/**
 * Says which leg of a call broke first, from what both sides have done and seen. Calls that have ended are left out as long as others go
 * on: nobody waits for them.
 */
export async function diagnoseCalls(sides: readonly CallSide[]): Promise<CallDiagnosis> {
  const live = sides.filter(({ call }) => call.end === undefined || call.errors.length > 0)
  const examined = await Promise.all(
    (live.length > 0 ? live : sides).map(async (side) => {
      const stats = await statsOf(side.call)
      return { ...side, stats, leg: legOf(side.call, stats) }
    }),
  )
  const leg = order.find((each) => examined.some((side) => side.leg === each)) ?? 'peer-library'
  const broken = examined.find((side) => side.leg === leg)
  const concerned = examined.filter(({ call }) => call.place.id === broken?.call.place.id)
  const facts = concerned.slice(0, shownSides).flatMap(({ endpoint, call, stats }) => {
    const name = `${call.place.role} at ${endpoint}`
    const shown = call.opened
      ? [statesOf(call, stats), ...details[leg](call, stats)]
      : ['its peer was not made']
    return shown.map((fact) => `${name}: ${fact}`)
  })
  return { leg, facts }
}

function legOf(call: Call, stats: PeerStats | undefined): CallDiagnosis['leg'] {
  const causes = call.errors.map((error) => (error instanceof PeerLibraryError ? error : error.cause))
  if (causes.some((cause) => cause instanceof PeerLibraryError || cause instanceof PeerOperationError))
    return 'peer-library'
  if (!call.opened) return 'peer-library'
  const { iceConnectionState, connectionState } = call.peer
  const undescribed = call.log.steps('description-applied').length === 0
  // Where descriptions wait for their candidates, gathering comes before all else.
  if (undescribed && hasNoRelay(call)) return 'turn'
  if (undescribed) return call.peer.iceGatheringState === 'gathering' ? 'ice' : 'peer-library'
  if (iceConnectionState !== 'connected' && iceConnectionState !== 'completed')
    return hasNoRelay(call) ? 'turn' : 'ice'
  if (connectionState !== 'connected' || (stats && stats.dtlsState !== 'connected')) return 'dtls'
  return 'media'
}

/** Whether a side has no candidate at all, and a TURN server has said why. */
function hasNoRelay({ log }: Call): boolean {
  const candidates = log.steps('candidate-sent').filter(({ candidate }) => candidate !== '')
  return candidates.length === 0 && turnErrorsOf(log).length > 0
}

function turnErrorsOf(log: Call['log']) {
  return log.steps('candidate-error').filter(({ url }) => url.startsWith('turn'))
}

async function statsOf(call: Call): Promise<PeerStats | undefined> {
  try {
    return await call.peer.getStats()
  } catch {
    // A peer that is closed, or whose library has gone, has none.
    return undefined
  }
}

function statesOf(call: Call, stats: PeerStats | undefined): string {
  const states = call.log.steps('state')
  const path = (member: 'iceConnectionState' | 'connectionState') =>
    ['new', ...states.map((state) => state[member])]
      .filter((state, place, all) => state !== all[place - 1])
      .join(' → ')
  return [
    `ICE ${path('iceConnectionState')}`,
    `gathering ${call.peer.iceGatheringState}`,
    `DTLS ${stats?.dtlsState ?? 'unknown'}`,
    `connection ${path('connectionState')}`,
    `signaling ${call.peer.signalingState}`,
  ].join(', ')
}

type Detail = (call: Call, stats: PeerStats | undefined) => readonly string[]

const details: Readonly<Record<CallDiagnosis['leg'], Detail>> = {
  'peer-library': ({ errors }) => errors.map((error) => wordsOf(error)),
  turn: ({ log }) =>
    turnErrorsOf(log).map(({ url, code, text }) => `${url} answers ${String(code)} (${text})`),
  ice: (call, stats) => [candidatesOf(call), ...pairsOf(stats)],
  dtls: (_call, stats) => (stats?.selectedPair ? [`connected over ${pathOf(stats.selectedPair)}`] : []),
  media: (call, stats) => [trafficOf(call, stats)],
}

function wordsOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

function candidatesOf({ log }: Call): string {
  const count = (step: 'candidate-sent' | 'candidate-received' | 'candidate-added') => {
    const lines = log.steps(step).map(({ candidate }) => candidate)
    const end = lines.includes('') ? ' and their end' : ', not their end'
    const words = amounts(lines.filter((line) => line !== '').map(kindOf))
    return words + end
  }
  return `candidates sent: ${count('candidate-sent')}; received: ${count('candidate-received')}; used: ${count('candidate-added')}`
}

/** Type and transport of a candidate line, such as `host udp`. */
function kindOf(line: string): string {
  const [, , transport = '?', , , , , type = '?'] = line.split(' ')
  return `${type} ${transport.toLowerCase()}`
}

function pairsOf(stats: PeerStats | undefined): string[] {
  const pairs = stats?.pairs ?? []
  if (pairs.length === 0) return ['no candidate pair was tried, or none is known any more']
  const lines = pairs
    .slice(0, shownPairs)
    .map(
      (pair) =>
        `pair ${pathOf(pair)}: ${pair.state}, ${String(pair.requestsSent)} requests, ${String(pair.responsesReceived)} responses`,
    )
  const more = pairs.length - lines.length
  return more > 0 ? [...lines, `${String(more)} pairs more`] : lines
}

function pathOf({
  local,
  remote,
}: {
  readonly local: SelectedCandidate
  readonly remote: SelectedCandidate
}) {
  const end = ({ candidateType, protocol, address, port }: SelectedCandidate) =>
    `${candidateType} ${protocol} ${address}:${String(port)}`
  return `${end(local)} → ${end(remote)}`
}

function trafficOf(call: Call, stats: PeerStats | undefined): string {
  const { audio, video } = call.peer.frames
  const open = call.log.steps('channel-open').map(({ label }) => `"${label}"`)
  const bytes = `${String(stats?.bytesSent ?? 0)} bytes sent, ${String(stats?.bytesReceived ?? 0)} received`
  const packets = `packets received: ${String(stats?.inbound.audio.packetsReceived ?? 0)} audio, ${String(stats?.inbound.video.packetsReceived ?? 0)} video`
  return `${bytes}; ${packets}; frames received: ${String(audio)} audio, ${String(video)} video; channels opened: ${open.join(', ') || 'none'}`
}
