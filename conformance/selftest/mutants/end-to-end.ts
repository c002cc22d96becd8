import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, Rule } from '../middleman.ts'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'
import { changed, textOf } from '../rule.ts'

/** A fault that shows in what real peers do; hunted by one end-to-end check alone, since peers are dear. */
function seenByPeers(name: string, breaks: ServerRequirementId, check: string, toClient: () => Rule): Mutant {
  return tampered(name, breaks, () => ({ toClient: toClient() }), { peers: true, only: `${breaks}:${check}` })
}

function negotiationOf(frame: Frame): number {
  return typeof frame['negotiation'] === 'number' ? frame['negotiation'] : 0
}

function isLast(frame: Frame): boolean {
  const { candidate } = (frame['candidate'] ?? {}) as { candidate?: unknown }
  return candidate === ''
}

/** Passes the first frame that a rule is about, and drops the others. */
function onlyFirst(matches: (frame: Frame) => boolean): Rule {
  let seen = false
  return (frame) => {
    if (!matches(frame)) return true
    const first = !seen
    seen = true
    return first
  }
}

/** Faults of relaying as real peers meet them. */
export const endToEndMutants: Mutants = [
  seenByPeers('drops every answer', 'relay.delivered', 'data-channel', () => changed('answer', () => false)),
  seenByPeers('drops audio from descriptions', 'relay.delivered', 'media', () =>
    changed('offer', (frame) => ({ ...frame, sdp: textOf(frame, 'sdp').replace('m=audio', 'm=x-audio') })),
  ),
  seenByPeers('drops the end of candidates of a real call', 'delivery.no-gap', 'trickle', () =>
    changed('candidate', (frame) => !isLast(frame)),
  ),
  seenByPeers('drops candidates that come after the answer', 'delivery.no-gap', 'late-candidates', () => {
    let answered = false
    return (frame) => {
      if (frame['type'] === 'answer') answered = true
      return frame['type'] !== 'candidate' || !answered
    }
  }),
  seenByPeers('cuts descriptions at 8 KB', 'relay.opaque-sdp', 'large', () =>
    changed('offer', (frame) => ({ ...frame, sdp: textOf(frame, 'sdp').slice(0, 8192) })),
  ),
  seenByPeers('drops candidates that stand inside descriptions', 'relay.opaque-sdp', 'vanilla', () =>
    changed('answer', (frame) => ({
      ...frame,
      sdp: textOf(frame, 'sdp').replace(/a=candidate:.*\r\n/g, ''),
    })),
  ),
  seenByPeers('relays one hangup and no more', 'relay.delivered', 'call-again', () =>
    onlyFirst(({ type }) => type === 'hangup'),
  ),
  seenByPeers('drops vendor members of answers', 'relay.members', 'unknown-members', () =>
    changed('offer', ({ 'com.example.trace': _trace, ...frame }) => frame),
  ),
  seenByPeers('drops offers of the callee', 'relay.no-call-state', 'renegotiation-by-callee', () =>
    changed('offer', (frame) => negotiationOf(frame) % 2 === 1),
  ),
  seenByPeers(
    'drops every offer of a call but the first',
    'relay.no-call-state',
    'ice-restart-by-caller',
    () => changed('offer', (frame) => negotiationOf(frame) === 1),
  ),
  seenByPeers('gives a second call the id of the first', 'relay.no-call-state', 'two-calls', () => {
    let first: unknown
    return (frame) => {
      if (!('call' in frame) || frame['type'] === 'hangup') return true
      first ??= frame['call']
      return { ...frame, call: first }
    }
  }),
  seenByPeers('drops candidates of a second offer', 'delivery.no-gap', 'rolled-back-candidates', () =>
    changed('candidate', (frame) => negotiationOf(frame) === 1),
  ),
  seenByPeers('drops the second offer where two cross', 'delivery.order', 'glare-of-two-calls', () => {
    let offers = 0
    return changed('offer', () => {
      offers += 1
      return offers !== 2
    })
  }),
]
