import { misdirected, Occupancy } from '../altered-directory.ts'
import { type Mutants, refusedAsBad, tampered } from '../mutant.ts'
import type { Frame } from '../middleman.ts'
import { changed, isRelayed, refusal, textOf, without } from '../rule.ts'

/** Refuses some relayed messages of the kit with a code. */
function refusing(code: string, which: (frame: Frame) => boolean) {
  return () => ({
    toServer: (frame: Frame, passage: { toClient(frame: Frame): void }) => {
      if (!isRelayed(frame) || !which(frame)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

function candidateText(frame: Frame): string {
  const { candidate } = (frame['candidate'] ?? {}) as { candidate?: unknown }
  return typeof candidate === 'string' ? candidate : ''
}

function sdp(frame: Frame): string {
  return typeof frame['sdp'] === 'string' ? frame['sdp'] : ''
}

/** Faults of what the server does in spec/negotiation.md. */
export const relayingMutants: Mutants = [
  tampered(
    'drops the end of candidates',
    'relay.delivered',
    () => ({
      toClient: changed('candidate', (frame) => candidateText(frame) !== ''),
    }),
    {
      consequences: {
        'relay.members': 'its check sends an end of candidates',
        'relay.no-call-state': 'it sends an end of candidates too',
        'delivery.no-gap': 'what is accepted is not delivered',
      },
    },
  ),
  tampered(
    'drops hangups with a reason of its own',
    'relay.delivered',
    () => ({
      toClient: changed('hangup', (frame) => !textOf(frame, 'reason').startsWith('com.')),
    }),
    { consequences: { 'delivery.no-gap': 'what is accepted is not delivered' } },
  ),
  tampered(
    'refuses candidates whose sdpMid is null',
    'relay.delivered',
    refusing(
      'bad-message',
      (frame) => isValid(frame) && (frame['candidate'] as Frame | undefined)?.['sdpMid'] === null,
    ),
    { consequences: { ...refusedAsBad, 'relay.members': 'its check sends such a candidate' } },
  ),
  misdirected(
    'does not relay from a fourth member to the first',
    'relay.delivered',
    (inner) => {
      const occupancy = new Occupancy()
      return {
        ...occupancy.follow(inner),
        reach: (room, sender, receiver) => {
          const members = [...occupancy.of(room)]
          const cut = members.indexOf(sender) === 3 && members.indexOf(receiver) === 0
          return cut ? 'receiver-absent' : inner.reach(room, sender, receiver)
        },
      }
    },
    {
      consequences: {
        'delivery.order': 'its check reaches a first member from a fourth',
        'delivery.once': 'its check reaches a first member from a fourth',
        'delivery.no-gap': 'its check reaches a first member from a fourth',
        'delivery.addressee': 'its check reaches a first member from a fourth',
        'delivery.sender-gone': 'its check reaches a first member from a fourth',
        'rooms.members': 'its check reaches a first member from a fourth',
        'rooms.revision': 'its check reaches a first member from a fourth',
      },
    },
  ),
  tampered(
    'refuses a later answer without an offer',
    'relay.no-call-state',
    () => {
      const offered = new Set<unknown>()
      return {
        toServer: (frame, passage) => {
          if (frame['type'] === 'offer') offered.add(frame['call'])
          if (
            frame['type'] !== 'answer' ||
            frame['negotiation'] !== 2 ||
            offered.has(frame['call']) ||
            !isValid(frame)
          )
            return true
          passage.toClient(refusal(frame, 'unexpected-message'))
          return false
        },
      }
    },
    {
      consequences: {
        'relay.delivered': 'a valid message is refused',
        'relay.unread': 'its check answers without an offer',
        'relay.not-in-room': 'another error comes',
        'relay.peer-not-found': 'another error comes',
        'relay.forbidden': 'another error comes',
      },
    },
  ),
  tampered(
    'drops what comes after the hangup of a call',
    'relay.no-call-state',
    () => {
      const ended = new Set<unknown>()
      return {
        toServer: (frame, passage) => {
          const call = `${passage.peer} ${textOf(frame, 'call')}`
          if (isRelayed(frame) && ended.has(call) && frame['type'] !== 'hangup') {
            if (frame['id'] !== undefined) passage.toClient({ type: 'ok', ref: frame['id'] })
            return false
          }
          if (frame['type'] === 'hangup') ended.add(call)
          return true
        },
      }
    },
    {
      consequences: {
        'outcomes.ref': 'its check may use one call id',
        'delivery.no-gap': 'what is accepted is not delivered',
        'relay.delivered': 'valid messages are not delivered',
      },
    },
  ),
  tampered(
    'refuses a call id that another pair uses',
    'relay.no-call-state',
    () => {
      const owners = new Map<unknown, string>()
      return {
        toServer: (frame, passage) => {
          if (frame['type'] !== 'offer') return true
          const pair = [passage.peer, frame['to']].sort().join()
          const owner = owners.get(frame['call']) ?? pair
          owners.set(frame['call'], owner)
          if (owner === pair) return true
          passage.toClient(refusal(frame, 'unexpected-message'))
          return false
        },
      }
    },
    {
      consequences: {
        'frames.bad-shape': 'its check may use one call id',
        'relay.delivered': 'a valid message is refused',
      },
    },
  ),

  tampered(
    'refuses descriptions without media',
    'relay.unread',
    refusing('bad-message', (frame) => isValid(frame) && 'sdp' in frame && !sdp(frame).includes('m=')),
    {
      consequences: {
        ...refusedAsBad,
        'websocket.no-compression': 'its check sends such a description',
        'relay.delivered': 'a valid message is refused',
        'relay.opaque-sdp': 'its check sends such a description',
        'relay.members': 'its check sends such a description',
        'limits.accept-size': 'its check may',
      },
    },
  ),
  tampered(
    'drops candidates of loopback addresses',
    'relay.unread',
    () => ({
      toClient: changed('candidate', (frame) => !candidateText(frame).includes('127.0.0.1')),
    }),
    { consequences: { 'delivery.no-gap': 'what is accepted is not delivered' } },
  ),
  tampered(
    'refuses text that is no candidate attribute',
    'relay.unread',
    refusing(
      'bad-message',
      (frame) =>
        isValid(frame) && frame['type'] === 'candidate' && !/^(candidate:|$)/.test(candidateText(frame)),
    ),
    {
      consequences: {
        ...refusedAsBad,
        'relay.delivered': 'a valid message is refused',
        'relay.members': 'its check may send such a candidate',
      },
    },
  ),
  tampered(
    'hides mDNS names',
    'relay.unread',
    () => ({
      toClient: changed('candidate', (frame) => {
        const init = frame['candidate'] as Frame
        const text = candidateText(frame)
        return text.includes('.local')
          ? { ...frame, candidate: { ...init, candidate: text.replace(/\S+\.local/, '0.0.0.0') } }
          : true
      }),
    }),
    { consequences: { 'relay.members': 'a value is changed' } },
  ),
]

/** Whether a frame holds none of the members that a client may not write: others are for other mutants. */
function isValid(frame: Frame): boolean {
  return Object.keys(without(frame, 'from', 'ref', 'seq', 'ack')).length === Object.keys(frame).length
}
