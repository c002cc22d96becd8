import type { Frame } from '../middleman.ts'
import { refusedAsBad, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, refusal } from '../rule.ts'
import { rewired } from '../wire-middleman.ts'

/** Opcode of a fragment that is not the first: RFC 6455, section 5.2. */
const continuation = 0

function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

/** A value without members of one name, however deep. */
function withoutName(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutName(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([own, item]) => (own === name ? [] : [[own, withoutName(item, name)]])),
  )
}

/** Refuses a `hello` that lists more of something than the server has reckoned with. */
function refusing(member: string, most: number) {
  return () => ({
    toServer: changed('hello', (frame, passage) => {
      if (sizeOf(frame[member]) <= most) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })
}

/** Faults where there is much of something, or a name that languages keep for themselves. */
export const muchMutants: Mutants = [
  tampered('ends a connection at a type of 50,000 characters', 'frames.unknown-type', () => ({
    toServer: (frame: Frame, passage) => {
      if (String(frame['type']).length < 50_000) return true
      passage.end(1011)
      return false
    },
  })),
  tampered('refuses a hello with 500 versions', 'versions.highest', refusing('versions', 499), {
    consequences: refusedAsBad,
  }),
  tampered(
    'refuses a hello with 200 capabilities',
    'capabilities.unknown-ignored',
    refusing('capabilities', 199),
    { consequences: refusedAsBad },
  ),
  rewired('drops what follows the 64th fragment', 'websocket.fragments', () => ({
    toServer: (frame, { notes }) => {
      const count = frame.opcode === continuation ? Number(notes.get('fragments') ?? 1) + 1 : 1
      if (frame.opcode < 8) notes.set('fragments', count)
      return count > 64 ? [] : true
    },
  })),
  tampered('takes __proto__ out of the data of an update', 'rooms.update', () => ({
    toServer: changed('update', (frame) => ({ ...frame, data: withoutName(frame['data'], '__proto__') })),
  })),
  tampered('counts a room that it had no place in', 'limits.rooms', () => ({
    toServer: changed('join', (frame, passage) => {
      const { notes } = passage
      if (notes.get('unplaced') !== true || counted(passage, 'later joins') < 12) return true
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    }),
    toClient: (frame, passage) => {
      if (frame['code'] === 'room-full') passage.notes.set('unplaced', true)
      return true
    },
  })),
]
