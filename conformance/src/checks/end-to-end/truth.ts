import type { CheckContext } from '../../engine/context.ts'
import type { Call } from '../../peer/call.ts'
import type { CallOptions } from '../../peer/call-options.ts'
import type { PeerConnection, PeerStats, SelectedCandidate } from '../../peer/peer-connection.ts'
import { statsUntil } from '../../peer/stats-until.ts'
import type { Participant } from './participant.ts'

/** Both sides of a call. */
export interface CallPair {
  readonly caller: Call
  readonly callee: Call
}

/** One participant calls another; resolves when both have their side. */
export async function callPair(
  from: Participant,
  to: Participant,
  options: CallOptions = {},
): Promise<CallPair> {
  const caller = await from.calls.call(to.address, options)
  // A caller that breaks has nobody to wait for.
  const broken = caller.until(() => false, 'be taken')
  const taken = to.calls.nextCall(({ place }) => place.id === caller.place.id)
  const callee = await Promise.race([taken, broken.then(() => taken)])
  return { caller, callee }
}

/** Waits until both sides are connected and data has gone there and back from each, and notes by which path. */
export async function carriesData(
  t: CheckContext,
  { caller, callee }: CallPair,
  channel?: string,
): Promise<void> {
  await Promise.all([caller.connected(), callee.connected()])
  await Promise.all(
    [caller, callee].map((call) => call.echo(`${call.place.role} ${t.random.hex(8)}`, channel)),
  )
  const stats = await alive(caller)
  await alive(callee)
  t.evidence.push(pathOf(stats))
}

/** Waits until the statistics show a selected pair that has carried data both ways over a DTLS that stands. */
export function alive(call: Call): Promise<PeerStats> {
  return statsUntil(
    call.peer,
    ({ selectedPair, dtlsState, bytesSent, bytesReceived }) =>
      selectedPair?.state === 'succeeded' && dtlsState === 'connected' && bytesSent > 0 && bytesReceived > 0,
    'a selected pair that has carried data both ways',
  )
}

/** Waits until as many more frames of each kind were really received by a call. */
export async function framesArrive(call: Call, audio: number, video: number): Promise<void> {
  const before = call.peer.frames
  const enough = () =>
    call.peer.frames.audio >= before.audio + audio && call.peer.frames.video >= before.video + video
  await call.until(enough, `${String(audio)} audio and ${String(video)} video frames more`)
}

/** Opens a data channel and sends both kinds of media. */
export async function withMedia(peer: PeerConnection): Promise<void> {
  await peer.createDataChannel('data')
  await peer.addTrack('audio')
  await peer.addTrack('video')
}

function pathOf({ selectedPair, bytesSent, bytesReceived }: PeerStats): string {
  if (!selectedPair) return 'no selected pair'
  const address = ({ address: ip, port, protocol, candidateType }: SelectedCandidate) =>
    `${candidateType} ${protocol} ${ip}:${String(port)}`
  return `${address(selectedPair.local)} ↔ ${address(selectedPair.remote)}, ${String(bytesSent)} bytes out, ${String(bytesReceived)} in`
}
