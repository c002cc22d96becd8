import { defaultHandlers } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { changed, isRelayed, refusal, textOf, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { treating, type Knowing } from './session-afterwards.ts'

/** A fault that is seen only while the server drains. */
function draining(
  name: string,
  breaks: ServerRequirementId,
  rules: () => MiddlemanRules,
  options: MutantOptions = {},
) {
  return tampered(name, breaks, rules, { ...options, drains: true })
}

/** What a middleman drops has no number that would be missed. */
const withoutSessions: MutantOptions = { server: { capabilities: ['drain'] } }

/** Whether `drain` is in force on a passage, and whether it has been told to go away. */
const isTold = ({ notes }: Passage) => notes.has('told')

/** Notes on each passage what a client that knows `drain` knows, before the rules look. */
function knowing(rules: MiddlemanRules): MiddlemanRules {
  return {
    ...rules,
    toClient: (frame, passage, text) => {
      if (frame['type'] === 'welcome' && 'drain' in (frame['capabilities'] as Frame))
        passage.notes.set('drain', true)
      if (frame['type'] === 'goaway') passage.notes.set('told', true)
      return rules.toClient?.(frame, passage, text) ?? true
    },
  }
}

/** Does something else to each `goaway`. */
function onGoaway(what: (frame: Frame, passage: Passage) => boolean | Frame): () => MiddlemanRules {
  return () => knowing({ toClient: changed('goaway', what) })
}

/** Answers in the server's place what a client sends after `goaway`. */
function afterGoaway(
  which: (frame: Frame, passage: Passage) => boolean,
  answer: (frame: Frame) => Frame | undefined,
): () => MiddlemanRules {
  return () =>
    knowing({
      toServer: (frame, passage) => {
        if (!isTold(passage) || !which(frame, passage)) return true
        const told = answer(frame)
        if (told) passage.toClient(told)
        return false
      },
    })
}

/** Loses what the server says of somebody after `goaway`. */
function losing(type: string): () => MiddlemanRules {
  return () => knowing({ toClient: (frame, passage) => !(frame['type'] === type && isTold(passage)) })
}

const toldMutants: Mutants = [
  draining(
    'tells nobody that it drains',
    'drain.goaway',
    onGoaway(() => false),
  ),
  draining('tells only members of rooms that it drains', 'drain.goaway', () => {
    const rules = onGoaway((_frame, { notes }) => notes.has('member'))()
    return {
      toClient: (frame, passage, text) => {
        if (frame['type'] === 'joined') passage.notes.set('member', true)
        if (frame['type'] === 'left') passage.notes.delete('member')
        return rules.toClient?.(frame, passage, text) ?? true
      },
    }
  }),
  draining('tells only who has authenticated that it drains', 'drain.goaway', () => {
    const rules = onGoaway((_frame, { notes }) => notes.has('user'))()
    return {
      toClient: (frame, passage, text) => {
        if (frame['type'] === 'authenticated') passage.notes.set('user', true)
        return rules.toClient?.(frame, passage, text) ?? true
      },
    }
  }),
  draining('does not tell who comes while it drains', 'drain.newcomer', () => {
    let hasBegun = false
    return {
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome' && hasBegun) passage.notes.set('late', true)
        if (frame['type'] !== 'goaway') return true
        hasBegun = true
        return !passage.notes.has('late')
      },
    }
  }),
]

/** Takes a join as if the server did not drain. */
const joiningAlways: typeof defaultHandlers.join = (message, client, engine, frame) => {
  const draining = Object.create(engine.draining, { hasBegun: { value: false } }) as typeof engine.draining
  return defaultHandlers.join(message, client, { ...engine, draining }, frame)
}

/** Takes each join of who has resumed a session. */
const joiningOnceResumed: Knowing = ({ resumed }) => {
  const join: typeof defaultHandlers.join = (message, client, engine, frame) =>
    (resumed.has(client.peer) ? joiningAlways : defaultHandlers.join)(message, client, engine, frame)
  return { handlers: { ...defaultHandlers, join } }
}

const joinMutants: Mutants = [
  altered(
    'lets everybody join while it drains',
    'drain.joins',
    () => startReferenceServer({}, { handlers: { ...defaultHandlers, join: joiningAlways } }),
    { drains: true },
  ),
  treating('lets who has resumed its session join while it drains', 'drain.joins', joiningOnceResumed, {
    drains: true,
  }),
  draining('says forbidden for a join while it drains', 'drain.joins', () => ({
    toClient: changed('error', (frame) =>
      frame['code'] === 'draining' ? { ...frame, code: 'forbidden' } : true,
    ),
  })),
  draining(
    'lets who has left a room join it again while it drains',
    'drain.joins',
    () => {
      const rules = knowing({})
      return {
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'left') passage.notes.set(`was in ${textOf(frame, 'room')}`, true)
          return rules.toClient?.(frame, passage, text) ?? true
        },
        toServer: valid('join', (frame, passage) => {
          const room = textOf(frame, 'room')
          if (!isTold(passage) || !passage.notes.has(`was in ${room}`)) return true
          const joined = { type: 'joined', room, self: { peer: passage.peer }, members: [], revision: 1 }
          passage.toClient({ ...joined, ref: frame['id'] })
          return false
        }),
      }
    },
    withoutSessions,
  ),
  draining('says draining also where drain is not in force', 'drain.untold', () => {
    let hasBegun = false
    const rules = knowing({
      toClient: (frame) => {
        hasBegun ||= frame['type'] === 'goaway'
        return true
      },
    })
    return {
      ...rules,
      toServer: valid('join', (frame, passage) => {
        if (!hasBegun || passage.notes.has('drain')) return true
        passage.toClient(refusal(frame, 'draining'))
        return false
      }),
    }
  }),
  draining('says draining to who comes while it drains, and has not asked for drain', 'drain.untold', () => {
    let hasBegun = false
    const rules = knowing({
      toClient: (frame, passage) => {
        hasBegun ||= frame['type'] === 'goaway'
        if (frame['type'] === 'welcome' && hasBegun) passage.notes.set('late', true)
        return true
      },
    })
    return {
      ...rules,
      toServer: valid('join', (frame, passage) => {
        if (!passage.notes.has('late') || passage.notes.has('drain')) return true
        passage.toClient(refusal(frame, 'draining'))
        return false
      }),
    }
  }),
]

const underWayMutants: Mutants = [
  draining(
    'relays nothing while it drains, and says ok',
    'drain.under-way',
    afterGoaway(isRelayed, (frame) => ('id' in frame ? { type: 'ok', ref: frame['id'] } : undefined)),
  ),
  draining('says draining for the second join of a member', 'drain.under-way', () => {
    const rules = knowing({})
    return {
      toClient: (frame, passage, text) => {
        if (frame['type'] === 'joined') passage.notes.set(`in ${textOf(frame, 'room')}`, true)
        return rules.toClient?.(frame, passage, text) ?? true
      },
      toServer: valid('join', (frame, passage) => {
        if (!isTold(passage) || !passage.notes.has(`in ${textOf(frame, 'room')}`)) return true
        passage.toClient(refusal(frame, 'draining'))
        return false
      }),
    }
  }),
  draining(
    'refuses updates while it drains',
    'drain.under-way',
    afterGoaway(
      ({ type }) => type === 'update',
      (frame) => refusal(frame, 'forbidden'),
    ),
  ),
  draining('says draining for the second join of a member that brings data', 'drain.under-way', () => {
    const rules = knowing({})
    return {
      ...rules,
      toServer: valid('join', (frame, passage) => {
        if (!isTold(passage) || !('data' in frame)) return true
        passage.toClient(refusal(frame, 'draining'))
        return false
      }),
    }
  }),
  draining(
    'says forbidden for an invite while it drains',
    'drain.under-way',
    afterGoaway(
      ({ type }) => type === 'invite',
      (frame) => refusal(frame, 'forbidden'),
    ),
  ),
  draining(
    'refuses each authentication while it drains',
    'drain.under-way',
    afterGoaway(
      ({ type }) => type === 'auth',
      (frame) => refusal(frame, 'auth-failed'),
    ),
  ),
  draining('tells nobody of an update while it drains', 'drain.under-way', losing('peer-updated')),
  draining('tells nobody who leaves while it drains', 'drain.under-way', losing('peer-left')),
]

const renewalMutants: Mutants = [
  draining(
    'sends no new credentials while it drains',
    'ice.renewed',
    () =>
      knowing({ toClient: changed('ice-servers', (frame, passage) => 'ref' in frame || !isTold(passage)) }),
    { server: { drainSeconds: 4, turnSeconds: 2 }, only: 'ice.renewed:draining' },
  ),
]

const numberedMutants: Mutants = [
  draining(
    'numbers what it says of draining',
    'seq.unnumbered',
    () => {
      const rules = onGoaway((frame, { notes }) => (notes.has('resume') ? { ...frame, seq: 1 } : true))()
      return {
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'welcome' && 'resume' in (frame['capabilities'] as Frame))
            passage.notes.set('resume', true)
          return rules.toClient?.(frame, passage, text) ?? true
        },
      }
    },
    { only: 'drain.goaway,seq.unnumbered:throughout' },
  ),
]

const endMutants: Mutants = [
  draining(
    'ends in half of the announced time',
    'drain.not-before',
    onGoaway((frame, passage) => {
      setTimeout(
        () => {
          passage.end(1001)
        },
        Number(frame['inMs']) / 2,
      )
      return true
    }),
  ),
  draining(
    'cuts the connections half a second after goaway',
    'drain.not-before',
    onGoaway((_frame, passage) => {
      setTimeout(() => {
        passage.end()
      }, 500)
      return true
    }),
  ),
  draining('announces the whole time to who comes while it drains', 'drain.not-before', () => {
    let whole: unknown
    return {
      toClient: changed('goaway', (frame) => {
        whole ??= frame['inMs']
        return { ...frame, inMs: whole }
      }),
    }
  }),
  draining(
    'goes on for eight seconds after it has announced one',
    'drain.ends',
    onGoaway((frame) => ({ ...frame, inMs: 1000 })),
    { server: { drainSeconds: 9 } },
  ),
  draining('closes with 1000 when it shuts down', 'websocket.draining-code', () => ({
    binding: { closeCode: (code) => (code === 1001 ? 1000 : code) },
  })),
]

/** Faults of spec/drain.md, and of the end of a server. */
export const drainMutants: Mutants = [
  ...toldMutants,
  ...joinMutants,
  ...underWayMutants,
  ...renewalMutants,
  ...numberedMutants,
  ...endMutants,
]
