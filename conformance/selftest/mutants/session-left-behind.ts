import type { Resumable, Router } from '@parley/reference-server'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { refusal, textOf, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { along, hearing, keeper, keeping, saying, seqOf } from './session-rule.ts'

type Sequence = NonNullable<Resumable['numbers']>['sequence']

/** Changes the numbers of each session when it begins. */
function numbering(change: (sequence: Sequence) => Partial<Record<keyof Sequence, unknown>>) {
  return (sessions: { begin(peer: Resumable): void }) => ({
    begin: (peer: Resumable) => {
      const sequence = peer.numbers?.sequence
      if (sequence)
        for (const [name, value] of Object.entries(change(sequence)))
          Object.defineProperty(sequence, name, { value })
      sessions.begin(peer)
    },
  })
}

/** What a server delivers to a peer that is away, changed on its way; nothing where it is lost. */
function changingMeanwhile(
  change: (text: string) => string | undefined,
): () => ReturnType<typeof startReferenceServer> {
  return () => {
    const waiting = new Set<string>()
    const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer
    return startReferenceServer(
      {},
      {
        decorateSessions: keeper((sessions) => ({
          wait: (peer) => {
            waiting.add(peerOf(peer))
            sessions.wait(peer)
          },
          connected: (peer) => {
            waiting.delete(peerOf(peer))
            sessions.connected(peer)
          },
        })),
        decorateRouter: (router: Router) => ({
          attach: (receiver) => router.attach(receiver),
          detach: (peer) => router.detach(peer),
          end: (...args) => router.end(...args),
          deliver: (peer, frame) => {
            const text = waiting.has(peer) ? change(String(frame)) : frame
            return text === undefined ? undefined : router.deliver(peer, text)
          },
        }),
      },
    )
  }
}

/** Keeps the first candidate of each call. */
function firstCandidates(): (text: string) => string | undefined {
  const seen = new Set<string>()
  return (text) => {
    if (!text.includes('"type":"candidate"')) return text
    const call = /"call":"[0-9a-f]+"/.exec(text)?.[0] ?? ''
    return seen.size < seen.add(call).size ? text : undefined
  }
}

/** For how long a member that has gone is still listed, in milliseconds. */
const listedMs = 40

/** Lists for a moment who has just gone for good. */
function listsTheGone(): MiddlemanRules {
  const gone = new Map<string, { readonly peer: unknown; readonly until: number }[]>()
  return {
    toClient: (frame) => {
      const room = textOf(frame, 'room')
      const now = Date.now()
      const those = (gone.get(room) ?? []).filter(({ until }) => until > now)
      if (frame['type'] === 'peer-left' && frame['reason'] !== 'leave')
        gone.set(room, [
          ...those.filter(({ peer }) => peer !== frame['peer']),
          { peer: frame['peer'], until: now + listedMs },
        ])
      if (frame['type'] !== 'joined') return true
      const members = frame['members'] as readonly Frame[]
      const more = those.filter(({ peer }) => members.every((member) => member['peer'] !== peer))
      return { ...frame, members: [...members, ...more.map(({ peer }) => ({ peer }))] }
    },
  }
}

/** Gives no place to a member that leaves a full room and joins it again before it has read that it left. */
function refusesWhoComesRightBack(): MiddlemanRules {
  const full = new Set<unknown>()
  return {
    toServer: (frame, passage, text) => {
      const left = passage.notes.get('just left')
      passage.notes.set('just left', frame['type'] === 'leave' ? frame['room'] : undefined)
      const isBack = left !== undefined && left === frame['room'] && full.has(left)
      const back = valid('join', () => {
        if (!isBack) return true
        passage.toClient(refusal(frame, 'room-full'))
        return false
      })
      return back(frame, passage, text)
    },
    toClient: (frame) => {
      if (frame['code'] === 'room-full') full.add(frame['room'])
      return true
    },
  }
}

/** What sessions, and members that come and go, leave behind. */
export const sessionLeftBehindMutants: Mutants = [
  keeping(
    'takes a lower ack for the last one',
    'ack.old',
    numbering((sequence) => {
      let last = 0
      const [acknowledge, reaches] = [sequence.acknowledge.bind(sequence), sequence.reaches.bind(sequence)]
      return {
        acknowledge: (upTo: number) => {
          if (upTo <= sequence.sent) last = upTo
          return acknowledge(upTo)
        },
        reaches: (ack: number) => reaches(ack) || (ack >= last && ack <= sequence.sent),
      }
    }),
    { ...along('resume.failed', 'seq.numbered') },
  ),
  keeping(
    'forgets what it keeps when a number is skipped',
    'resume.fatal',
    numbering((sequence) => {
      const take = sequence.take.bind(sequence)
      return {
        take: (seq: number) => {
          const place = take(seq)
          if (place === 'gap') sequence.acknowledge(sequence.sent)
          return place
        },
      }
    }),
    { ...along('seq.gap') },
  ),
  keeping(
    'lets no connection resume on which that was refused once',
    'resume.failure-keeps',
    (sessions) => {
      const refused = new Set<string>()
      return {
        find: (secret, client, ack) => {
          const found = refused.has(client.session) ? undefined : sessions.find(secret, client, ack)
          if (found === undefined) refused.add(client.session)
          return found
        },
      }
    },
    {},
  ),
  altered(
    'keeps the first candidate of a call for a peer that is away',
    'resume.meanwhile',
    changingMeanwhile(firstCandidates()),
    { consequences: { 'delivery.no-gap': 'what comes after it was delivered' } },
  ),
  altered(
    'leaves ids out of what it keeps for a peer that is away',
    'resume.meanwhile',
    changingMeanwhile((text) => text.replace(/"id":"[^"]*",|,"id":"[^"]*"/, '')),
  ),
  tampered(
    'refuses a number that is written with a fraction or an exponent',
    'seq.taken',
    hearing((frame, _passage, text) => (/"seq":\d+[.e]/.test(text) ? without(frame, 'seq') : true)),
    { ...along('seq.numbered') },
  ),
  tampered(
    'sends no error again',
    'resume.again',
    saying(
      (frame, passage) =>
        !passage.notes.has('resumed') || frame['type'] !== 'error' || seqOf(frame) === undefined,
    ),
    { ...along('seq.numbered') },
  ),
  tampered('lists members that have gone for a moment', 'rooms.members', listsTheGone, {
    consequences: {
      'replaces.before-welcome': 'who was replaced is among those who have gone',
      'rooms.left-once': 'who has gone is known anew',
    },
  }),
  tampered('gives no place to who comes right back into a full room', 'rooms.full', refusesWhoComesRightBack),
]
