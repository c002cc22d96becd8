import type { Frame, Passage, Passed, Rule } from '../middleman.ts'
import { tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { changed, isRelayed, refusal } from '../rule.ts'

/** Size of a message that the server announces in these mutants. */
const messageBytes = 70_000

/** A server whose own limit on messages is far away, so that a man in the middle can set one of his own. */
const roomy = { server: { messageBytes: 4 * messageBytes } } satisfies MutantOptions

/** Announces other limits than the server has. */
export function announcing(limits: (limits: Frame) => Frame): { toClient: Rule } {
  return { toClient: changed('welcome', (frame) => ({ ...frame, limits: limits(frame['limits'] as Frame) })) }
}

/** Refuses messages above the announced size, as some measure has it. */
function measuring(
  isTooLarge: (text: string, frame: Frame) => boolean,
): () => { toServer: Rule; toClient: Rule } {
  return () => ({
    ...announcing((limits) => ({ ...limits, messageBytes })),
    toServer: (frame, passage, text): Passed => {
      if (!isTooLarge(text, frame)) return true
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  })
}

/** Bytes of a text. */
export const bytes = (text: string) => Buffer.byteLength(text)

/** Characters as people count them. */
export const characters = (text: string) => Array.from(text).length

/** Answers some frames in the server's place. */
export function refusing(
  code: string,
  which: (frame: Frame, passage: Passage) => boolean,
): { toServer: Rule } {
  return {
    toServer: (frame, passage): Passed => {
      if (!which(frame, passage)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  }
}

/** No type of the specification has a dot. */
const isOfApplication = ({ type }: Frame) => String(type).includes('.')

/** Bytes of a value in its canonical form. */
export const sizeOf = (value: unknown) => (value === undefined ? 0 : bytes(JSON.stringify(value)))

/** Every room that a connection has ever joined. */
function roomsOf({ notes }: Passage): Set<unknown> {
  const rooms = (notes.get('rooms') ?? new Set()) as Set<unknown>
  notes.set('rooms', rooms)
  return rooms
}

/** Faults of spec/limits.md. */
export const limitMutants: Mutants = [
  tampered(
    'takes no message of exactly the limit',
    'limits.accept-size',
    measuring((text) => bytes(text) >= messageBytes),
    {
      ...roomy,
      consequences: {
        'limits.refuse-size': 'the control is refused',
        'limits.size-in-bytes': 'the control is refused',
      },
    },
  ),
  tampered(
    'measures a relayed message with from',
    'limits.accept-size',
    measuring((text, frame) => bytes(text) + (isRelayed(frame) ? 34 : 0) > messageBytes),
    {
      ...roomy,
      consequences: {
        'limits.refuse-size': 'the control is refused',
        'limits.size-in-bytes': 'the control is refused',
      },
    },
  ),
  tampered(
    'takes no candidate of more than 16 KiB',
    'limits.accept-size',
    () => refusing('too-large', (frame) => frame['type'] === 'candidate' && sizeOf(frame) > 16_384),
    {
      consequences: {
        'limits.refuse-size': 'the control is refused',
        'limits.honoured': 'such a limit is not announced',
        'delivery.no-gap': 'long candidates are sent there',
        'relay.members': 'long messages are sent there',
        'relay.delivered': 'likewise',
        'delivery.order': 'likewise',
        'delivery.rate': 'likewise',
        'delivery.once': 'likewise',
        'delivery.slow-receiver': 'likewise',
      },
    },
  ),
  tampered(
    'takes no message of an application of more than 16 KiB',
    'limits.accept-size',
    () => refusing('too-large', (frame) => isOfApplication(frame) && sizeOf(frame) > 16_384),
    { consequences: { 'limits.honoured': 'such a limit is not announced' } },
  ),
  tampered('takes no hello of more than 16 KiB', 'limits.accept-size', () =>
    refusing('too-large', (frame) => frame['type'] === 'hello' && sizeOf(frame) > 16_384),
  ),
  tampered(
    'cuts what it delivers at the limit',
    'limits.accept-size',
    () => ({
      ...announcing((limits) => ({ ...limits, messageBytes })),
      toServer: (frame, passage, text): Passed => {
        if (bytes(text) <= messageBytes) return true
        passage.toClient(refusal(frame, 'too-large'))
        return false
      },
      toClient: (frame, _passage, text): Passed => {
        if (frame['type'] === 'welcome')
          return { ...frame, limits: { ...(frame['limits'] as Frame), messageBytes } }
        return !(isRelayed(frame) && bytes(text) > messageBytes)
      },
    }),
    {
      ...roomy,
      consequences: {
        'limits.refuse-size': 'the control is lost',
        'limits.size-in-bytes': 'the control is lost',
        'delivery.no-gap': 'what is accepted is not delivered',
      },
    },
  ),

  tampered(
    'takes a message of one byte more than the limit',
    'limits.refuse-size',
    measuring((text) => bytes(text) > messageBytes + 1),
    {
      ...roomy,
      consequences: { 'limits.size-in-bytes': 'whatever the characters' },
    },
  ),
  tampered(
    'takes a message of any size',
    'limits.refuse-size',
    measuring(() => false),
    {
      ...roomy,
      consequences: {
        'limits.size-in-bytes': 'whatever the characters',
        'outcomes.failure-told': 'nothing is refused',
        'outcomes.exactly-one': 'likewise',
      },
    },
  ),
  tampered(
    'takes a message of an application of any size',
    'limits.refuse-size',
    measuring((text, frame) => bytes(text) > messageBytes && !isOfApplication(frame)),
    roomy,
  ),
  tampered(
    'measures what is left after parsing',
    'limits.refuse-size',
    measuring((_text, frame) => sizeOf(frame) > messageBytes),
    {
      ...roomy,
      consequences: { 'limits.size-in-bytes': 'escapes are longer than what they stand for' },
    },
  ),
  tampered(
    'answers a ping above the limit',
    'limits.refuse-size',
    measuring((text, frame) => bytes(text) > messageBytes && frame['type'] !== 'ping'),
    roomy,
  ),
  tampered(
    'answers a message above the limit with bad-message',
    'limits.refuse-size',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'too-large' && !('data' in frame) && isRelayed({ type: frame['of'] })
          ? { ...frame, code: 'bad-message' }
          : true,
      ),
    }),
    { consequences: { 'limits.size-in-bytes': 'whatever the characters' } },
  ),
  tampered(
    'says too-large, and delivers the message',
    'limits.refuse-size',
    () => ({
      ...announcing((limits) => ({ ...limits, messageBytes })),
      toServer: (frame, passage, text): Passed => {
        if (bytes(text) <= messageBytes) return true
        passage.toClient(refusal(frame, 'too-large'))
        const { id: _id, ...others } = frame
        return others
      },
    }),
    {
      ...roomy,
      consequences: {
        'limits.size-in-bytes': 'whatever the characters',
        'outcomes.exactly-one': 'a ping is answered twice',
      },
    },
  ),

  tampered(
    'measures messages in characters',
    'limits.size-in-bytes',
    measuring((text) => characters(text) > messageBytes),
    roomy,
  ),
  tampered(
    'measures messages in UTF-16 units',
    'limits.size-in-bytes',
    measuring((text) => text.length > messageBytes),
    roomy,
  ),
  tampered(
    'measures two bytes for each UTF-16 unit beyond ASCII',
    'limits.size-in-bytes',
    measuring((text) => text.length + text.replace(/[ -~]/g, '').length > messageBytes),
    roomy,
  ),

  tampered(
    'has one place more than it announces',
    'limits.enforced',
    () => announcing((limits) => ({ ...limits, membersPerRoom: 7 })),
    {
      consequences: {
        'rooms.full': 'the room is not full',
        'rooms.last-place': 'there is one place more',
        'rooms.rejoin': 'the room is not full',
      },
    },
  ),
  tampered(
    'answers a full room with forbidden',
    'limits.enforced',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'room-full' ? { ...frame, code: 'forbidden' } : true,
      ),
    }),
    {
      consequences: {
        'rooms.full': 'the code is another',
        'rooms.last-place': 'the code is another',
        'auth.grants': 'it has the right',
      },
    },
  ),

  tampered(
    'has one room fewer than it announces',
    'limits.honoured',
    () => announcing((limits) => ({ ...limits, roomsPerPeer: 13 })),
    {
      consequences: {
        'limits.rooms': 'the last room is refused',
        'limits.enforced': 'the last room is refused',
      },
    },
  ),
  tampered(
    'has a limit on members that it does not announce',
    'limits.honoured',
    () => announcing(({ membersPerRoom: _gone, ...limits }) => limits),
    {
      consequences: {
        'rooms.members': 'many members meet there',
        'rooms.total-order': 'many members meet there',
        'rooms.known-first': 'likewise',
        'delivery.addressee': 'likewise',
        'rooms.peer-joined': 'likewise',
      },
    },
  ),
  tampered('has a limit on data that it does not announce', 'limits.honoured', () =>
    announcing(({ dataBytes: _gone, ...limits }) => limits),
  ),
  tampered(
    'refuses the eightieth message of a burst',
    'limits.honoured',
    () =>
      refusing('internal', ({ type }, { notes }) => {
        const count = Number(notes.get('hangups') ?? 0) + (type === 'hangup' ? 1 : 0)
        notes.set('hangups', count)
        return type === 'hangup' && count === 80
      }),
    {
      consequences: {
        'errors.fatal-flag': 'such an error is fatal',
        'delivery.burst': 'it is within every rate',
        'delivery.rate': 'likewise',
      },
    },
  ),

  tampered(
    'takes one byte of data more than it announces',
    'limits.data',
    () => announcing((limits) => ({ ...limits, dataBytes: 2047 })),
    {
      consequences: { 'limits.enforced': 'data is among what has to be refused' },
    },
  ),
  tampered(
    'takes one byte of data less than it announces',
    'limits.data',
    () => announcing((limits) => ({ ...limits, dataBytes: 2049 })),
    {
      consequences: {
        'limits.enforced': 'the control is refused',
        'limits.honoured': 'what is within the limit is refused',
      },
    },
  ),
  tampered('measures data in characters', 'limits.data', () => ({
    ...announcing((limits) => ({ ...limits, dataBytes: 1024 })),
    ...refusing('too-large', ({ data }) => data !== undefined && characters(JSON.stringify(data)) > 1024),
  })),
  tampered(
    'measures data of updates only',
    'limits.data',
    () => ({
      ...announcing((limits) => ({ ...limits, dataBytes: 1024 })),
      ...refusing('too-large', ({ type, data }) => type === 'update' && sizeOf(data) > 1024),
    }),
    { consequences: { 'limits.enforced': 'data of a join is among what has to be refused' } },
  ),
  tampered('measures numbers in data as Python writes them', 'limits.data', () => ({
    toServer: (frame, passage, text): Passed => {
      const wholes = (text.match(/\d\.0\b/g) ?? []).length
      if (frame['type'] !== 'update' || sizeOf(frame['data']) + 2 * wholes <= 2048) return true
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  })),
  tampered('measures data as it is written', 'limits.data', () => ({
    toServer: (frame, passage, text): Passed => {
      const superfluous = bytes(text) - sizeOf(frame)
      const size = sizeOf(frame['data'])
      if (frame['type'] !== 'update' || size > 2048 || size + superfluous <= 2048) return true
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  })),
  tampered(
    'answers too much data with bad-message',
    'limits.data',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'too-large' && String(frame['message']).startsWith('Cannot')
          ? { ...frame, code: 'bad-message' }
          : true,
      ),
    }),
    { consequences: { 'limits.enforced': 'the same code' } },
  ),

  tampered(
    'takes one room more than it announces',
    'limits.rooms',
    () => announcing((limits) => ({ ...limits, roomsPerPeer: 11 })),
    {
      consequences: { 'limits.enforced': 'rooms are among what has to be refused' },
    },
  ),
  tampered(
    'answers one room too many with room-full',
    'limits.rooms',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'forbidden' && String(frame['message']).includes('may be in')
          ? { ...frame, code: 'room-full' }
          : true,
      ),
    }),
    { consequences: { 'limits.enforced': 'the same code' } },
  ),
  tampered(
    'counts rooms that were left',
    'limits.rooms',
    () => ({
      toServer: (frame, passage): Passed => {
        const rooms = roomsOf(passage)
        if (frame['type'] !== 'join' || rooms.size < 12 || rooms.has(frame['room'])) return true
        passage.toClient(refusal(frame, 'forbidden'))
        return false
      },
      toClient: changed('joined', (frame, passage) => {
        roomsOf(passage).add(frame['room'])
        return true
      }),
    }),
    {
      consequences: {
        'limits.enforced': 'rooms are left and joined there too',
        'limits.honoured': 'what is within the limit is refused',
        'rooms.joined': 'many rooms are joined one after another there',
        'rooms.peer-joined': 'many rooms are joined one after another there',
        'auth.grants': 'many rooms are joined one after another there',
      },
    },
  ),
]
