import type { IceServers } from '@parley/schemas'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, counted, refusal, valid, without } from '../rule.ts'

type Server = IceServers['iceServers'][number]

/** Changes the servers in each `ice-servers`. */
function serving(change: (server: Server, passage: Passage) => Server): () => MiddlemanRules {
  return () => ({
    toClient: changed('ice-servers', (frame, passage) => ({
      ...frame,
      iceServers: (frame as unknown as IceServers).iceServers.map((server) => change(server, passage)),
    })),
  })
}

/** Changes those that come unasked. */
function renewing(change: (frame: Frame, passage: Passage) => Frame | false | true): () => MiddlemanRules {
  return () => ({
    toServer: valid('get-ice-servers', (_frame, passage) => {
      passage.notes.set('asked', Number(passage.notes.get('asked') ?? 0) + 1)
      return true
    }),
    toClient: changed('ice-servers', (frame, passage) => {
      const asked = Number(passage.notes.get('asked') ?? 0)
      if (asked === 0) return change(frame, passage)
      passage.notes.set('answeredAt', performance.now())
      passage.notes.set('asked', asked - 1)
      return true
    }),
  })
}

const holdMs = 2000

/** After their answer, in milliseconds: the credentials of this server last for 5 s, as long as an ordinary run waits. */
const lastMomentMs = 4980

/** Faults of spec/ice-servers.md. */
export const iceServersMutants: Mutants = [
  tampered('answers get-ice-servers with ok', 'ice.reply', () => ({
    toServer: valid('get-ice-servers', (frame, passage) => {
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return false
    }),
  })),
  tampered('answers the first get-ice-servers alone', 'ice.reply', () => ({
    toServer: valid('get-ice-servers', (frame, passage) => {
      if (!passage.notes.has('given')) {
        passage.notes.set('given', true)
        return true
      }
      passage.toClient(refusal(frame, 'unexpected-message'))
      return false
    }),
  })),
  tampered('answers no get-ice-servers without id', 'ice.reply', () => ({
    toServer: valid('get-ice-servers', (frame) => 'id' in frame),
  })),
  tampered('refuses get-ice-servers in a room', 'ice.reply', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] === 'join') passage.notes.set('room', true)
      if (frame['type'] !== 'get-ice-servers' || !passage.notes.has('room')) return true
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    },
  })),
  tampered(
    'makes credentials with another secret',
    'ice.accepted',
    serving((server) => ({ ...server, credential: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })),
  ),
  tampered(
    'gives credentials that have ended',
    'ice.accepted',
    serving((server) => ({ ...server, username: `1000000000:${String(server.username)}` })),
  ),
  tampered(
    'gives credentials that end sooner than it says',
    'ice.accepted',
    () => ({ toClient: changed('ice-servers', (frame) => ({ ...frame, expiresInMs: 4500 })) }),
    { server: { turnSeconds: 2 }, only: 'ice.accepted:to-the-end' },
  ),
  tampered(
    'makes the second credentials with another secret',
    'ice.accepted',
    renewing((frame) => ({
      ...frame,
      iceServers: (frame as unknown as IceServers).iceServers.map((server) => ({
        ...server,
        credential: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      })),
    })),
    { only: 'ice.accepted:renewed' },
  ),
  tampered(
    'lets credentials end without new ones',
    'ice.renewed',
    renewing(() => false),
    {
      consequences: {
        'ice.overlap': 'what does not come leaves no time',
        'ice.accepted': 'what does not come is not accepted',
      },
    },
  ),
  tampered(
    'sends new credentials when the last ones have ended',
    'ice.renewed',
    renewing((frame, passage) => {
      const timer = setTimeout(() => {
        passage.toClient(frame)
      }, holdMs)
      timer.unref()
      return false
    }),
    { consequences: { 'ice.overlap': 'what comes too late leaves no time' } },
  ),
  tampered(
    'sends new credentials at the last moment',
    'ice.overlap',
    renewing((frame, passage) => {
      const age = performance.now() - Number(passage.notes.get('answeredAt'))
      setTimeout(() => {
        passage.toClient(frame)
      }, lastMomentMs - age).unref()
      return false
    }),
    {
      server: { turnSeconds: 5 },
      consequences: { 'ice.renewed': 'on a busy machine the last moment is over' },
    },
  ),
  tampered(
    'answers the next ping with ice-servers, too',
    'ice.only-asked',
    () => ({
      toServer: (frame, passage) => {
        const capabilities = (frame['capabilities'] ?? {}) as Frame
        if (frame['type'] === 'hello' && 'ice-servers' in capabilities) passage.notes.set('in-force', true)
        if (frame['type'] === 'hangup' && passage.notes.has('in-force'))
          passage.toClient({ type: 'ice-servers', iceServers: [] })
        return true
      },
    }),
    { consequences: { 'ice.renewed': 'an unasked one is taken for the next' } },
  ),
  tampered(
    'sends new credentials to who has not asked for any, too',
    'ice.only-asked',
    () => {
      const silent = new Set<Passage>()
      return {
        toServer: (frame, passage) => {
          const capabilities = (frame['capabilities'] ?? {}) as Frame
          if (frame['type'] === 'hello' && 'ice-servers' in capabilities) silent.add(passage)
          if (frame['type'] === 'get-ice-servers') silent.delete(passage)
          return true
        },
        toClient: changed('ice-servers', (frame) => {
          if (!('ref' in frame)) for (const passage of silent) passage.toClient(frame)
          return true
        }),
      }
    },
    { only: 'ice.only-asked:renewal' },
  ),
  tampered(
    'writes the token into the username',
    'ice.no-secret',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] === 'auth') passage.notes.set('token', frame['token'])
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] !== 'ice-servers') return true
        const username = `1:${String(passage.notes.get('token'))}`
        const servers = (frame as unknown as IceServers).iceServers
        return { ...frame, iceServers: servers.map((server) => ({ ...server, username })) }
      },
    }),
    { only: 'ice.no-secret' },
  ),
  tampered(
    'writes the session secret into the username',
    'ice.no-secret',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome') passage.notes.set('session', frame['session'])
        if (frame['type'] !== 'ice-servers') return true
        const session = Buffer.from(String(passage.notes.get('session'))).toString('base64')
        return {
          ...frame,
          iceServers: (frame as unknown as IceServers).iceServers.map((server) => ({
            ...server,
            username: `1:${session}`,
          })),
        }
      },
    }),
    { consequences: { 'ice.accepted': 'the TURN server does not know such a name' } },
  ),
  tampered(
    'gives everybody one username',
    'ice.own',
    () => {
      let first: Frame | undefined
      return {
        toClient: changed('ice-servers', (frame) => {
          first ??= without(frame, 'ref')
          return { ...first, ...('ref' in frame ? { ref: frame['ref'] } : {}) }
        }),
      }
    },
    { only: 'ice.own' },
  ),
  tampered(
    'gives new credentials once, and no more',
    'ice.renewed',
    renewing((_frame, passage) => {
      passage.notes.set('renewed', Number(passage.notes.get('renewed') ?? 0) + 1)
      return Number(passage.notes.get('renewed')) <= 1
    }),
    { only: 'ice.renewed,ice.renewed:again', says: /for the second time/ },
  ),
  tampered(
    'gives no new credentials to who has asked twice',
    'ice.renewed',
    () => {
      const rules = renewing((_frame, passage) => !passage.notes.has('twice'))()
      return {
        ...rules,
        toServer: (frame, passage, text) => {
          if (frame['type'] === 'get-ice-servers')
            passage.notes.set(passage.notes.has('once') ? 'twice' : 'once', true)
          return rules.toServer?.(frame, passage, text) ?? true
        },
      }
    },
    { only: 'ice.renewed,ice.renewed:again' },
  ),
  tampered(
    'gives no new credentials to who has authenticated again',
    'ice.renewed',
    () => {
      const rules = renewing((_frame, passage) => Number(passage.notes.get('auths')) < 2)()
      return {
        ...rules,
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'authenticated') counted(passage, 'auths')
          return rules.toClient?.(frame, passage, text) ?? true
        },
      }
    },
    { only: 'ice.renewed,ice.renewed:refreshed' },
  ),
  tampered(
    'sends new credentials with the ref of the question before',
    'outcomes.no-ref',
    () => {
      const rules = renewing((frame, passage) => ({ ...frame, ref: passage.notes.get('ref') }))()
      return {
        ...rules,
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'ice-servers' && 'ref' in frame) passage.notes.set('ref', frame['ref'])
          return rules.toClient?.(frame, passage, text) ?? true
        },
      }
    },
    { only: 'ice.renewed,outcomes.no-ref:throughout,outcomes.exactly-one:throughout' },
  ),
  tampered(
    'gives the first credentials again where new ones are due',
    'ice.accepted',
    () => {
      const rules = renewing((frame, passage) => ({ ...frame, iceServers: passage.notes.get('first') }))()
      return {
        ...rules,
        toClient: (frame, passage, text) => {
          if (frame['type'] === 'ice-servers' && 'ref' in frame)
            passage.notes.set('first', frame['iceServers'])
          return rules.toClient?.(frame, passage, text) ?? true
        },
      }
    },
    { only: 'ice.accepted:renewed-to-the-end', says: /that came unasked/ },
  ),
  tampered(
    'gives no new credentials to a session that was resumed',
    'ice.renewed',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'resumed') passage.notes.set('resumed', true)
        return !(frame['type'] === 'ice-servers' && passage.notes.has('resumed') && !('ref' in frame))
      },
    }),
    { only: 'ice.renewed:resumed', consequences: { 'seq.numbered': 'what is left out had a number' } },
  ),
  tampered(
    'keeps no new credentials for a session that waits',
    'ice.renewed',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'resumed') passage.notes.set('resumed', true)
        if (frame['type'] === 'joined') passage.notes.delete('resumed')
        return !(frame['type'] === 'ice-servers' && passage.notes.has('resumed') && !('ref' in frame))
      },
    }),
    {
      server: { turnSeconds: 2 },
      only: 'ice.renewed:waiting',
      consequences: { 'seq.numbered': 'what is left out had a number' },
    },
  ),
]
