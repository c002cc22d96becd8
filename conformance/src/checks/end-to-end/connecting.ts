import type { Check } from '../../engine/check.ts'
import type { Call } from '../../peer/call.ts'
import { betweenTwo } from './e2e.ts'
import { callPair, carriesData, framesArrive, withMedia } from './truth.ts'

const heardEnd = (call: Call) =>
  call.log.steps('candidate-received').some(({ candidate }) => candidate === '')
const answered = (call: Call) => call.log.steps('description-applied').length > 0

/** Checks that two real peers come together, in every way in which candidates can travel. */
export const connectingChecks: readonly Check[] = [
  betweenTwo(
    'relay.delivered',
    'a data channel opens and echoes both ways',
    { name: 'data-channel' },
    async (t, { a, b }) => {
      await carriesData(t, await callPair(a, b))
    },
  ),
  betweenTwo(
    'relay.delivered',
    'audio and video frames are received both ways',
    { name: 'media', forB: { incoming: { setup: withMedia } } },
    async (t, { a, b }) => {
      const pair = await callPair(a, b, { setup: withMedia })
      await carriesData(t, pair)
      await Promise.all([framesArrive(pair.caller, 10, 3), framesArrive(pair.callee, 10, 3)])
      const { audio, video } = pair.callee.peer.frames
      t.evidence.push(`${String(audio)} audio and ${String(video)} video frames received by the callee`)
    },
  ),
  betweenTwo(
    'delivery.no-gap',
    'trickled candidates and both ends of candidates arrive',
    { name: 'trickle' },
    async (t, { a, b }) => {
      const pair = await callPair(a, b)
      await carriesData(t, pair)
      await Promise.all(
        [pair.caller, pair.callee].map((call) => call.until(heardEnd, 'the end of candidates')),
      )
    },
  ),
  betweenTwo(
    'delivery.order',
    'candidates that come before their description is applied',
    { name: 'early-candidates', forB: { incoming: { holdDescriptions: true } } },
    async (t, { a, b }) => {
      const pair = await callPair(a, b, { holdDescriptions: true })
      await pair.callee.until(heardEnd, 'all candidates of the caller')
      pair.callee.releaseDescriptions()
      await pair.caller.until(heardEnd, 'all candidates of the callee')
      pair.caller.releaseDescriptions()
      await carriesData(t, pair)
    },
  ),
  betweenTwo(
    'delivery.no-gap',
    'candidates that come long after the answer',
    { name: 'late-candidates', forB: { incoming: { holdCandidates: true } } },
    async (t, { a, b }) => {
      const pair = await callPair(a, b, { holdCandidates: true })
      await pair.caller.until(answered, 'the answer')
      pair.caller.releaseCandidates()
      pair.callee.releaseCandidates()
      await carriesData(t, pair)
    },
  ),
  betweenTwo(
    'relay.opaque-sdp',
    'descriptions that hold all candidates (no trickle)',
    { name: 'vanilla', forB: { incoming: { vanilla: true } } },
    async (t, { a, b }) => {
      await carriesData(t, await callPair(a, b, { vanilla: true }))
    },
  ),
  betweenTwo('relay.delivered', 'the callee calls back', { name: 'call-back' }, async (t, { a, b }) => {
    const there = await callPair(a, b)
    await carriesData(t, there)
    await there.caller.hangup()
    await there.callee.ended
    await carriesData(t, await callPair(b, a))
  }),
  betweenTwo(
    'relay.delivered',
    'hangup, and a new call of the same two',
    { name: 'call-again' },
    async (t, { a, b }) => {
      const first = await callPair(a, b)
      await carriesData(t, first)
      await first.callee.hangup()
      await first.caller.ended
      await carriesData(t, await callPair(a, b))
    },
  ),
  betweenTwo(
    'relay.opaque-sdp',
    'a large session description with many m-sections',
    { name: 'large' },
    async (t, { a, b }) => {
      const announced: unknown = t.target.welcome.limits.messageBytes
      const limit = typeof announced === 'number' ? announced : 65_536
      const sections = sectionsWithin(limit)
      const pair = await callPair(a, b, {
        setup: async (peer) => {
          await peer.createDataChannel('data')
          await peer.addTransceivers(sections)
        },
      })
      await carriesData(t, pair)
      const largest = Math.max(...a.sent.map((message) => JSON.stringify(message).length))
      t.evidence.push(`largest message ${String(largest)} bytes, limit ${String(limit)}`)
    },
  ),
  betweenTwo(
    'relay.members',
    'members that the server does not know survive a whole call',
    {
      name: 'unknown-members',
      forA: { dress: (message) => ({ ...message, 'com.example.trace': { hops: [1, 'zwei', null] } }) },
    },
    async (t, { a, b }) => {
      await carriesData(t, await callPair(a, b))
    },
  ),
]

/** About 2.4 KB go into a description for each m-section of media; a message has to stay within the limit, and a test within reason. */
function sectionsWithin(messageBytes: number): number {
  return Math.max(4, Math.min(24, Math.floor((messageBytes * 0.9) / 3000)))
}
