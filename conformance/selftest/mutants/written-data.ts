import type { MiddlemanRules, Passed } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { refusal } from '../rule.ts'

/** Looks at the text of `data` in one type of message. */
function lookingAtData(
  type: 'update' | 'join' | 'invite',
  look: (data: string) => string | false | undefined,
): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage, text): Passed => {
      const data = frame['type'] === type ? /"data":(.*)\}$/s.exec(text)?.[1] : undefined
      const found = data === undefined ? undefined : look(data)
      if (found === false) passage.toClient(refusal(frame, 'bad-message'))
      return typeof found === 'string'
        ? text.replace(`"data":${data ?? ''}`, `"data":${found}`)
        : found !== false
    },
  })
}

/** Numbers alone: whether JSON.stringify would have written them otherwise. */
const otherwise = (data: string) =>
  /^-?\d/.test(data) && data !== String(Number(data)) && Number.isFinite(Number(data))

/** What becomes of a number that is parsed and written. */
const rounded = (data: string) =>
  /^-?\d+(\.\d+)?$/.test(data) && Number.isFinite(Number(data)) ? String(Number(data)) : undefined

/** What becomes of half a surrogate pair in a string that is written as UTF-8. */
const replaced = (data: string) =>
  /\\ud[89a-f]/i.test(data) ? data.replace(/\\ud[89a-f]../gi, '\ufffd') : undefined

/** What becomes of an escaped surrogate pair of which each half is taken for a character. */
const unpaired = (data: string) =>
  /\\ud[89ab]..\\ud[c-f]/i.test(data) ? data.replace(/\\ud[89ab]..\\ud[c-f]../gi, '\ufffd\ufffd') : undefined

/** What becomes of names in a store whose paths are written with dots. */
const withoutDots = (data: string) =>
  /\.[^"]*":/.test(data)
    ? data.replace(/"([^"]*)":/g, (_whole, name: string) => `"${name.replaceAll('.', '_')}":`)
    : undefined

/** Faults in how data is read, and in messages of certain lengths. */
export const writtenDataMutants: Mutants = [
  tampered('loses a message of exactly 65,536 bytes', 'relay.delivered', () => ({
    toClient: (frame, _passage, text) => frame['type'] !== 'offer' || Buffer.byteLength(text) !== 65_536,
  })),
  tampered('loses a left of exactly 126 bytes', 'rooms.leave', () => ({
    toClient: (frame, _passage, text) => frame['type'] !== 'left' || Buffer.byteLength(text) !== 126,
  })),
  tampered(
    'refuses an update whose number has an exponent, a trailing zero or a minus before 0',
    'rooms.update',
    lookingAtData('update', (data) => (otherwise(data) && !beyond(data) ? false : undefined)),
  ),
  tampered(
    'refuses a second join whose number has an exponent, a trailing zero or a minus before 0',
    'rooms.rejoin-data',
    lookingAtData('join', (data) => (otherwise(data) && !beyond(data) ? false : undefined)),
  ),
  tampered(
    'replaces escaped characters beyond U+FFFF in the data of an update',
    'rooms.update',
    lookingAtData('update', unpaired),
  ),
  tampered(
    'replaces escaped characters beyond U+FFFF in the data of a join',
    'rooms.rejoin-data',
    lookingAtData('join', unpaired),
  ),
  tampered(
    'refuses an update whose number has more than 25 digits',
    'rooms.update',
    lookingAtData('update', (data) => (/\d\.\d{25,}/.test(data) ? false : undefined)),
  ),
  tampered(
    'rounds numbers in the data of an update',
    'relay.beyond-i-json',
    lookingAtData('update', rounded),
  ),
  tampered(
    'writes dots in names as underscores in the data of an update',
    'rooms.update',
    lookingAtData('update', withoutDots),
  ),
  tampered(
    'writes dots in names as underscores in the data of a join',
    'rooms.joined',
    lookingAtData('join', withoutDots),
    { consequences: { 'rooms.peer-joined': 'the others are told the same' } },
  ),
  tampered(
    'writes dots in names as underscores in the data of an invite',
    'ring.carried',
    lookingAtData('invite', withoutDots),
  ),
  tampered('rounds numbers in the data of a join', 'relay.beyond-i-json', lookingAtData('join', rounded)),
  tampered(
    'replaces lone surrogates in the data of an update',
    'relay.beyond-i-json',
    lookingAtData('update', replaced),
  ),
  tampered(
    'replaces lone surrogates in the data of a join',
    'relay.beyond-i-json',
    lookingAtData('join', replaced),
  ),
  tampered(
    'rounds numbers in the data of an invite',
    'relay.beyond-i-json',
    lookingAtData('invite', rounded),
  ),
  tampered(
    'replaces lone surrogates in the data of an invite',
    'relay.beyond-i-json',
    lookingAtData('invite', replaced),
  ),
]

/** More digits than a double has: what a good server may refuse as well. */
function beyond(data: string): boolean {
  return data.replace(/\D/g, '').length > 15
}
