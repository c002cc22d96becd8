import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { tampered, type Mutant, type MutantOptions, type Mutants } from '../mutant.ts'
import { changed, isRelayed, refusal, textOf, valid } from '../rule.ts'

/** Keeps frames from a connection that has taken over an earlier one. */
function fromHeirs(drops: (frame: Frame) => boolean): { toServer: Rule; toClient: Rule } {
  return {
    toServer: changed('hello', (frame, { notes }) => {
      notes.set('heir', 'replaces' in frame)
      return true
    }),
    toClient: (frame, { notes }) => notes.get('heir') !== true || !drops(frame),
  }
}

/** Presence that a connection is not told of once it has taken over an earlier one: it was subscribed as its predecessor. */
function untoldHeir(
  type: string,
  what: string,
  breaks: ServerRequirementId,
  options: MutantOptions = {},
): Mutant {
  return tampered(
    `tells a connection that replaced another of no ${what}`,
    breaks,
    () => fromHeirs((frame) => frame['type'] === type),
    { consequences: { 'rooms.revision': 'a message that is not sent leaves a gap' }, ...options },
  )
}

/** Takes U+0000 out of every string, as a store of text does that cannot hold it. */
function withoutNul<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as T
}

const memberWithoutNul = (type: string): Rule =>
  changed(type, (frame) =>
    // What ends in a backslash may be an escape of something else; no data of the checks does.
    ({ ...frame, member: withoutNul(frame['member']) }),
  )

/** Lets an `auth` that comes before `welcome` has been sent fall through; before `hello` it is refused as ever. */
function deafBeforeWelcome(): { toServer: Rule; toClient: Rule } {
  return {
    toServer: (frame: Frame, { notes }: Passage) => {
      if (frame['type'] === 'hello') notes.set('hello', true)
      return frame['type'] !== 'auth' || !notes.has('hello') || notes.has('welcome')
    },
    toClient: changed('welcome', (_frame, { notes }) => {
      notes.set('welcome', true)
      return true
    }),
  }
}

/** Delivers relayed messages that its check of shapes should have refused. */
function delivers(overlooks: (frame: Frame) => boolean): () => MiddlemanRules {
  return () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toServer: (frame, passage) => {
        const receiver = [...passages].find(({ peer }) => peer !== '' && peer === frame['to'])
        if (!isRelayed(frame) || !receiver || !overlooks(frame)) return true
        receiver.toClient({ ...frame, from: passage.peer })
        if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      },
    }
  }
}

const deliveredToo: MutantOptions = {
  consequences: { 'frames.shape': 'what is delivered is not valid either' },
}

/** Names the member that came before as the sender, where a room has one: `from` is taken from whoever was looked at last. */
function mistakesSender(): { toClient: Rule } {
  return {
    toClient: (frame, { notes }) => {
      const key = `members of ${textOf(frame, 'room')}`
      const known = (notes.get(key) ?? []) as readonly string[]
      const members = frame['type'] === 'joined' ? frame['members'] : [frame['member']]
      if (frame['type'] === 'joined' || frame['type'] === 'peer-joined')
        notes.set(key, [...known, ...(members as readonly { peer: string }[]).map(({ peer }) => peer)])
      if (frame['type'] === 'peer-left')
        notes.set(
          key,
          known.filter((peer) => peer !== frame['peer']),
        )
      const from = known.find((peer) => peer !== frame['from'])
      return isRelayed(frame) && from !== undefined ? { ...frame, from } : true
    },
  }
}

const byItsSender = 'messages are told apart by their sender'

/** What real servers do that no other chapter's faults showed the kit to miss. */
export const examinedMutants: Mutants = [
  tampered('takes no token of more than 4096 characters', 'auth.failed', () => ({
    toServer: valid('auth', (frame, passage) => {
      if (textOf(frame, 'token').length <= 4096) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
  untoldHeir('peer-joined', 'newcomer', 'rooms.peer-joined'),
  // Who replaced another is drawn anew in each run of the crowd that this check looks at.
  untoldHeir('peer-updated', 'update', 'rooms.update', { says: /peer-updated about/ }),
  untoldHeir('peer-left', 'leaver', 'rooms.leave'),
  tampered('delivers nothing to a connection that replaced another', 'relay.delivered', () =>
    fromHeirs(isRelayed),
  ),
  tampered('takes U+0000 out of the data of a newcomer', 'rooms.peer-joined', () => ({
    toClient: memberWithoutNul('peer-joined'),
  })),
  tampered('takes U+0000 out of the data of an update', 'rooms.update', () => ({
    toClient: memberWithoutNul('peer-updated'),
  })),
  tampered('brings descriptions into normal form C', 'relay.opaque-sdp', () => ({
    toClient: (frame) =>
      typeof frame['sdp'] === 'string' ? { ...frame, sdp: frame['sdp'].normalize('NFC') } : true,
  })),
  tampered('names another member as the sender where there are three', 'relay.from', mistakesSender, {
    consequences: {
      'relay.members': 'whole messages are compared there',
      'relay.no-call-state': 'whole messages are compared there',
      'delivery.once': byItsSender,
      'delivery.no-gap': byItsSender,
      'delivery.order': byItsSender,
      'delivery.sender-gone': byItsSender,
      'rooms.left-last': byItsSender,
      'rooms.known-first': byItsSender,
    },
  }),
  tampered(
    'takes digits of any script in a call id',
    'frames.bad-shape',
    delivers(
      (frame) => /^[\p{Nd}a-f]{32}$/u.test(textOf(frame, 'call')) && !/^[!-~]*$/.test(textOf(frame, 'call')),
    ),
    deliveredToo,
  ),
  tampered(
    "overlooks a line end after a vendor's reason",
    'frames.bad-shape',
    delivers((frame) => /^[\w-]+(\.[\w-]+)+\n$/.test(textOf(frame, 'reason'))),
    deliveredToo,
  ),
  tampered('ends the connection for an integer of more than 4300 digits', 'relay.beyond-i-json', () => ({
    toServer: (_frame, passage, text) => {
      if (!/\d{4301}/.test(text)) return true
      passage.end()
      return false
    },
  })),
  tampered(
    'overlooks an auth that comes before welcome is sent',
    'connection.back-to-back',
    deafBeforeWelcome,
  ),
]
