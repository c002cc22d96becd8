import type { Frame, Passed, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, isRelayed, refusal, textOf } from '../rule.ts'
import { takesFor } from './relay-refusals.ts'

/** Refuses some frames in the server's place. */
function refuses(
  which: (frame: Frame, text: string) => boolean,
  code = 'bad-message',
): () => { toServer: Rule } {
  return () => ({
    toServer: (frame, passage, text) => {
      if (!('type' in frame) || !which(frame, text)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

/** Levels of a value, the value itself being the first. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

/** Levels of a text by its brackets, those in strings among them. */
function bracketsOf(text: string): number {
  let [depth, most] = [0, 0]
  for (const character of text) {
    if ('[{'.includes(character)) most = Math.max(most, (depth += 1))
    if (']}'.includes(character)) depth -= 1
  }
  return most
}

/** Reads members whatever the case of their names, the last one counting. */
function foldNames(frame: Frame): Frame {
  const known = ['type', 'id', 'room', 'data', 'to']
  const entries = Object.entries(frame).map(([name, value]): [string, unknown] => [
    known.includes(name.toLowerCase()) ? name.toLowerCase() : name,
    value,
  ])
  return Object.fromEntries(entries)
}

/** Room names in lower case, told back in the case in which the client knows them. */
function foldRooms(): { toServer: Rule; toClient: Rule } {
  return {
    toServer: (frame, { notes }) => {
      const { room } = frame
      if (typeof room !== 'string' || room === room.toLowerCase()) return true
      notes.set(`room ${room.toLowerCase()}`, room)
      return { ...frame, room: room.toLowerCase() }
    },
    toClient: (frame, { notes }) => {
      const known = notes.get(`room ${String(frame['room'])}`)
      return known === undefined ? true : { ...frame, room: known }
    },
  }
}

/** Whether the members of a frame are in an order that its text shows. */
function beginsWithType(text: string): boolean {
  return /^\s*\{\s*"type"/.test(text)
}

/** Faults of spec/frames.md in what is accepted. */
export const acceptanceMutants: Mutants = [
  tampered(
    'refuses members without a dot that it does not know',
    'frames.unknown-members',
    refuses((frame) => 'extra' in frame || 'future' in frame),
    { consequences: { 'relay.members': 'such messages are not delivered' } },
  ),
  tampered(
    'refuses members that it does not know in join',
    'frames.unknown-members',
    refuses(
      (frame) =>
        frame['type'] === 'join' &&
        Object.keys(frame).some(
          (name) =>
            !['type', 'id', 'room', 'data', 'from', 'ref', 'seq', 'ack'].includes(name) &&
            !name.startsWith('$'),
        ),
    ),
    {
      consequences: {
        'frames.exact-names': 'decoys are unknown members',
        'frames.nesting': 'what is nested is an unknown member',
        'limits.accept-size': 'so is the padding',
        'limits.refuse-size': 'so is the padding',
      },
    },
  ),
  tampered(
    'refuses a hello with members that it does not know',
    'frames.unknown-members',
    refuses((frame) => frame['type'] === 'hello' && 'com.example.mute' in frame),
    {
      says: /for a hello with members that nobody knows, .*; so it is with the member "com.example.mute":\{/,
    },
  ),
  tampered(
    'refuses a hello with retryAfterMs',
    'frames.unknown-members',
    refuses((frame) => frame['type'] === 'hello' && 'retryAfterMs' in frame),
    { says: /for a hello with members of other types, .*; so it is with the member "retryAfterMs":-1 alone/ },
  ),
  tampered(
    'refuses an update with expiresInMs',
    'frames.unknown-members',
    refuses((frame) => frame['type'] === 'update' && 'expiresInMs' in frame),
    { says: /for an update with members of other types, .*; so it is with the member "expiresInMs":0 alone/ },
  ),
  tampered('takes an unknown member ROOM of an update for its data', 'frames.unknown-members', () => ({
    toServer: changed('update', (frame) => ('muted' in frame ? { ...frame, data: 9 } : true)),
  })),

  tampered(
    'finds receivers whatever the case of their ids',
    'frames.exact-names',
    takesFor((to, peer) => to.toLowerCase() === peer.toLowerCase()),
    { consequences: { 'delivery.addressee': 'it comes to a peer of another id' } },
  ),
  tampered(
    'reads names in any case',
    'frames.exact-names',
    () => ({
      toServer: (frame): Passed =>
        Object.keys(frame).some((name) => name !== name.toLowerCase()) ? foldNames(frame) : true,
    }),
    {
      consequences: {
        'frames.no-type': 'Type is read as type',
        'frames.unknown-members': 'unknown members are read as known ones',
        'relay.members': 'names are changed on their way',
        'relay.from': 'and so are messages that hold them',
        'outcomes.ref': 'an unknown member is read as id',
        'outcomes.no-ref': 'an unknown member is read as id',
      },
    },
  ),
  tampered('folds the case of room names', 'frames.exact-names', foldRooms, {
    consequences: {
      'rooms.name': 'they are compared exactly',
      'rooms.outsiders': 'members of another room are told',
      'relay.not-in-room': 'rooms are mixed up',
      'rooms.several': 'rooms are mixed up',
      'auth.grants': 'prefixes are compared exactly too',
    },
  }),
  tampered(
    'normalises names of members',
    'frames.exact-names',
    () => ({
      toServer: (frame, _passage, text): Passed =>
        isRelayed(frame) && text !== text.normalize('NFC') ? text.normalize('NFC') : true,
    }),
    {
      consequences: {
        'relay.members': 'values are changed',
        'relay.unread': 'contents are changed',
        'frames.whitespace': 'values are changed',
        'relay.opaque-sdp': 'and descriptions',
      },
    },
  ),

  tampered(
    'refuses messages of 16 levels',
    'frames.nesting',
    refuses((frame) => depthOf(frame) === 16),
  ),
  tampered(
    'refuses arrays of 16 levels',
    'frames.nesting',
    refuses((_frame, text) => text.includes('['.repeat(15)) && !text.includes('['.repeat(16))),
  ),
  tampered(
    'refuses data of more than 8 levels',
    'frames.nesting',
    refuses(
      ({ type, data }) => (type === 'join' || type === 'update') && depthOf(data) > 8 && depthOf(data) < 40,
    ),
  ),
  tampered(
    'counts brackets in strings as levels',
    'frames.nesting',
    refuses((frame, text) => depthOf(frame) <= 16 && bracketsOf(text) > 16),
  ),
  tampered(
    'refuses a hello of 16 levels',
    'frames.nesting',
    refuses((frame) => frame['type'] === 'hello' && depthOf(frame) === 16),
  ),

  tampered(
    'refuses custom messages of 16 levels',
    'frames.nesting',
    refuses((frame) => textOf(frame, 'type').includes('.') && depthOf(frame) === 16),
  ),
  tampered(
    'refuses an invite of 16 levels',
    'frames.nesting',
    refuses((frame) => frame['type'] === 'invite' && depthOf(frame) === 16),
  ),
  tampered(
    'refuses messages without room of 16 levels that one party of a call sends the other',
    'frames.nesting',
    refuses((frame) => isRelayed(frame) && !('room' in frame) && depthOf(frame) === 16),
  ),

  tampered(
    'refuses a frame that begins with white space',
    'frames.whitespace',
    refuses((_frame, text) => /^\s/.test(text)),
  ),
  tampered(
    'refuses a message whose first member is not its type',
    'frames.whitespace',
    refuses(
      (frame, text) =>
        isRelayed(frame) &&
        !beginsWithType(text) &&
        frame['type'] !== undefined &&
        !('id' in frame && text.length < 40),
    ),
    {
      consequences: {
        'relay.duplicate-names': 'they are written with another member first',
        'frames.unknown-members': 'some are written with an unknown member first',
      },
    },
  ),
  tampered(
    'reads no escapes in names',
    'frames.whitespace',
    refuses((_frame, text) => /\\u0074\\u0079\\u0070\\u0065"\s*:/.test(text)),
  ),
  tampered(
    'keeps the backslash of an escaped solidus',
    'frames.whitespace',
    () => ({
      toServer: (frame, _passage, text): Passed =>
        isRelayed(frame) && text.includes('\\/') ? text.replaceAll('\\/', '\\\\/') : true,
    }),
    { consequences: { 'relay.members': 'values are changed' } },
  ),
]
