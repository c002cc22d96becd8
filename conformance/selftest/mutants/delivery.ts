import type { Frame, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { counted, holding, isRelayed, textOf } from '../rule.ts'

/** Whether a frame is every so many-th candidate of its passage. */
function everyCandidate(nth: number) {
  return (frame: Frame, passage: Passage) =>
    frame['type'] === 'candidate' && counted(passage, 'candidates') % nth === 0
}

const isLong = (text: string) => text.length > 30_000

/** Consequences of messages that do not come. */
const undelivered = {
  'relay.delivered': 'a valid message is not delivered',
  'relay.no-call-state': 'its check sends many messages',
  'relay.unread': 'its check sends many messages',
  'delivery.sender-gone': 'its checks count what has come',
  'delivery.slow-receiver': 'its check counts what has come',
  'delivery.rate': 'its check counts what has come',
  'delivery.burst': 'its check counts what has come',
  'rooms.left-last': 'its check counts what has come',
} as const

/** Consequences of messages that come in another order. */
const misordered = {
  'connection.order': 'messages take effect in another order',
  'delivery.slow-receiver': 'its check looks at the order too',
  'delivery.rate': 'its check looks at the order too',
} as const

/** Faults of spec/delivery.md. */
export const deliveryMutants: Mutants = [
  tampered(
    'swaps every twelfth candidate with the next message',
    'delivery.order',
    () => ({
      toClient: holding(everyCandidate(12), (_held, next) => (isRelayed(next) ? 'swap' : 'keep')),
    }),
    {
      consequences: {
        ...misordered,
        'relay.unread': 'its check pairs messages by place',
        'relay.delivered': 'its check pairs messages by place',
      },
    },
  ),
  tampered(
    'lets short messages overtake long ones',
    'delivery.order',
    () => ({
      toClient: holding(
        (frame) => isRelayed(frame) && isLong(JSON.stringify(frame)),
        (held, next) => (isRelayed(next) && next['from'] === held['from'] ? 'swap' : 'keep'),
      ),
    }),
    {
      consequences: {
        ...misordered,
        'relay.members': 'its marker overtakes',
        'limits.accept-size': 'its marker overtakes',
      },
    },
  ),
  tampered(
    'lets a hangup overtake a candidate',
    'delivery.order',
    () => ({
      toClient: holding(
        (frame) => frame['type'] === 'candidate',
        (_held, next) => (next['type'] === 'hangup' ? 'swap' : 'keep'),
      ),
    }),
    {
      consequences: {
        ...misordered,
        'rooms.left-last': 'its marker overtakes',
        'delivery.no-gap': 'the marker of its checks overtakes',
        'relay.delivered': 'the marker of its check overtakes',
        'relay.no-call-state': 'the marker of its check overtakes',
        'relay.unread': 'the marker of its check overtakes',
      },
    },
  ),

  tampered(
    'delivers every twentieth candidate twice',
    'delivery.once',
    () => {
      const which = everyCandidate(20)
      return { toClient: (frame, passage, text) => (which(frame, passage) ? [text, text] : true) }
    },
    {
      consequences: {
        'delivery.slow-receiver': 'its check looks at every message',
        'delivery.rate': 'its check looks at every message',
      },
    },
  ),
  tampered(
    'delivers long messages twice',
    'delivery.once',
    () => ({
      toClient: (frame, _passage, text) => (isRelayed(frame) && isLong(text) ? [text, text] : true),
    }),
    { consequences: { 'delivery.slow-receiver': 'its check looks at every message' } },
  ),
  tampered(
    'repeats the last message to a peer that joins again',
    'delivery.once',
    () => ({
      toClient: (frame, passage, text) => {
        const key = `last ${textOf(frame, 'room')}`
        const last = passage.notes.get(key) as string | undefined
        if (isRelayed(frame)) passage.notes.set(key, text)
        return frame['type'] === 'joined' && last !== undefined ? [text, last] : true
      },
    }),
    {
      consequences: {
        'rooms.known-first': 'the sender may have gone',
        'rooms.left-last': 'the sender may have left',
        'rooms.after-left': 'the sender may have left',
      },
    },
  ),

  tampered(
    'drops every twentieth candidate',
    'delivery.no-gap',
    () => {
      const which = everyCandidate(20)
      return { toClient: (frame, passage) => !which(frame, passage) }
    },
    { consequences: undelivered },
  ),
  tampered(
    'drops long messages',
    'delivery.no-gap',
    () => ({
      toClient: (frame, _passage, text) => !(isRelayed(frame) && isLong(text)),
    }),
    {
      consequences: {
        'relay.members': 'its check sends long messages',
        'limits.refuse-size': 'its control is a long message',
        ...undelivered,
        'limits.accept-size': 'its check sends long messages',
        'limits.size-in-bytes': 'its check sends long messages',
      },
    },
  ),
  tampered(
    'takes equal messages for one',
    'delivery.no-gap',
    () => ({
      toClient: (frame, passage, text) => {
        if (!isRelayed(frame)) return true
        const same = passage.notes.get('last') === text
        passage.notes.set('last', text)
        return !same
      },
    }),
    {
      consequences: {
        'relay.no-call-state': 'its check sends equal messages',
      },
    },
  ),
  tampered(
    'drops what crosses a message in the other direction',
    'delivery.no-gap',
    () => ({
      toServer: (frame, passage) => {
        if (isRelayed(frame)) passage.notes.set(`sent ${textOf(frame, 'call')}`, true)
        return true
      },
      toClient: (frame, passage) =>
        !(
          frame['type'] === 'answer' &&
          passage.notes.has(`sent ${textOf(frame, 'call')}`) &&
          counted(passage, 'crossed') % 7 === 0
        ),
    }),
    { consequences: undelivered },
  ),

  tampered(
    'hands every second offer to a third member as well',
    'delivery.addressee',
    () => {
      const passages = new Set<Passage>()
      const rooms = new Map<string, Set<string>>()
      return {
        passages,
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'joined')
            rooms.set(
              textOf(frame, 'room'),
              (rooms.get(textOf(frame, 'room')) ?? new Set()).add(passage.peer),
            )
          if (frame['fatal'] === true) passage.notes.set('over', true)
          if (frame['type'] !== 'offer' || counted(passage, 'offers') % 2 > 0) return true
          const third = [...passages].find(
            ({ peer }) =>
              peer !== passage.peer && peer !== frame['from'] && rooms.get(textOf(frame, 'room'))?.has(peer),
          )
          if (third && !third.notes.has('over')) third.toClient(text)
          return true
        },
      }
    },
    {
      consequences: {
        'rooms.after-left': 'the third may have left',
        'rooms.outsiders': 'the third may be no member',
        'rooms.known-first': 'the third may not know the sender',
        'rooms.left-last': 'the third may know that the sender has left',
        'rooms.several': 'its checks look at everything',
      },
    },
  ),
  tampered(
    'echoes candidates to their sender',
    'delivery.addressee',
    () => ({
      toServer: (frame, passage) => {
        if (
          frame['type'] === 'candidate' &&
          counted(passage, 'echo') % 3 === 0 &&
          typeof frame['room'] === 'string'
        )
          passage.notes.set('echo due', frame)
        return true
      },
      toClient: (frame, passage, text) => {
        const due = passage.notes.get('echo due') as Frame | undefined
        if (!due || frame['type'] !== 'ok' || frame['ref'] !== due['id']) return true
        passage.notes.delete('echo due')
        return [text, JSON.stringify({ ...due, from: passage.peer })]
      },
    }),
    { provokedBy: 'frames.good-shape:candidate' },
  ),

  tampered('keeps a message back until the next one comes', 'delivery.in-time', () => ({
    toClient: (frame, passage, text) => {
      const held = passage.notes.get('kept') as string | undefined
      passage.notes.delete('kept')
      if (frame['type'] !== 'answer') return held === undefined ? true : [held, text]
      passage.notes.set('kept', text)
      return held === undefined ? false : [held]
    },
  })),
  tampered(
    'takes seconds for long descriptions',
    'delivery.in-time',
    () => ({
      toClient: async (frame, _passage, text) => {
        if (frame['type'] === 'offer' && text.length > 20_000 && text.length < 21_500)
          await new Promise((resolve) => setTimeout(resolve, 1800))
        return true
      },
    }),
    { consequences: { 'relay.delivered': 'its check sends such a description' } },
  ),

  tampered(
    'drops what waits when the sender closes',
    'delivery.sender-gone',
    () => ({
      toServer: async (frame) => {
        if (frame['type'] === 'candidate') await new Promise((resolve) => setTimeout(resolve, 1))
        return true
      },
    }),
    { consequences: { 'connection.end-noticed': 'its check may send before the end' } },
  ),
  tampered(
    'drops the last message before the bye of its sender',
    'delivery.sender-gone',
    () => ({
      toClient: holding(isRelayed, (held, next) =>
        next['type'] === 'peer-left' && next['reason'] === 'bye' && next['peer'] === held['from']
          ? 'drop'
          : 'keep',
      ),
    }),
    {
      consequences: {
        'rooms.bye': 'its check sends right before bye',
        'connection.bye': 'its check sends right before bye',
        'delivery.no-gap': 'it is accepted and not delivered',
        'rooms.left-last': 'it is accepted and not delivered',
      },
    },
  ),
]
