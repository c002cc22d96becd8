import { capabilityOf, messages } from '@parley/schemas'
import { altered, tampered, type Mutant, type Mutants } from '../mutant.ts'
import { isRelayed, refusal, textOf } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { defaultHandlers } from '@parley/reference-server'
import { ann, bob, noting } from './authentication-rule.ts'

const typeNames: ReadonlySet<string> = new Set(messages.map(({ type }) => type))

/** Answers some messages of a client that has not authenticated as if that were no matter. */
function takesEarly(
  name: string,
  isTaken: (type: string) => boolean,
  reply: Readonly<Record<string, unknown>>,
): Mutant {
  return tampered(name, 'auth.required', () =>
    noting({
      toServer: (frame, passage) => {
        const { notes } = passage
        const { type, id } = frame
        if (notes.has('user') || !notes.has('welcome') || typeof type !== 'string' || !isTaken(type))
          return true
        passage.toClient({ ...reply, ...(typeof id === 'string' ? { ref: id } : {}) })
        return false
      },
    }),
  )
}

const of = (capability: string) => (type: string) => typeNames.has(type) && capabilityOf(type) === capability

/** A user under whose prefixes another lies in which one grant alone does not let it send. */
const overlapping = {
  tokens: [
    ann,
    {
      ...bob,
      grants: [
        { prefix: 'parley-', join: true, send: true },
        { prefix: 'parley-quiet-', join: true, send: false },
      ],
    },
  ],
}

/** Faults of what holds before an authentication, after one that is refused, and at its end. */
export const earlyMessageMutants: Mutants = [
  takesEarly('lets calls be answered before authentication', of('calls'), { type: 'ok' }),
  takesEarly('lets users be watched before authentication', of('discovery'), { type: 'ok' }),
  takesEarly('gives ICE servers before authentication', of('ice-servers'), {
    type: 'ice-servers',
    iceServers: [{ urls: 'stun:stun.example:3478' }],
  }),
  takesEarly('takes custom messages before authentication', (type) => type.includes('.'), { type: 'ok' }),
  altered('lets an authentication last for ever after a failed auth', 'auth.failure-keeps', () =>
    startReferenceServer(
      { tokens: [ann, { ...bob, expiresInMs: 2000 }] },
      {
        handlers: {
          ...defaultHandlers,
          auth: (message, connection, services, frame) => {
            const { authFailures, user, grants } = connection
            const done = defaultHandlers.auth(message, connection, services, frame)
            if (connection.authFailures > authFailures && user !== undefined)
              connection.authenticate({ user, ...(grants ? { grants } : {}) })
            return done
          },
        },
      },
    ),
  ),
  altered('takes over the end of a token that it refuses for its user', 'auth.user-mismatch', () =>
    startReferenceServer(
      { tokens: [ann, { ...bob, expiresInMs: 2000 }] },
      {
        handlers: {
          ...defaultHandlers,
          auth: (message, connection, services, frame) => {
            const { user, grants } = connection
            if (user === bob.user && message.token === ann.token)
              connection.authenticate({ user, ...(grants ? { grants } : {}) })
            return defaultHandlers.auth(message, connection, services, frame)
          },
        },
      },
    ),
  ),
  tampered(
    'goes by the last grant that covers a room',
    'auth.grants',
    () =>
      noting({
        toServer: (frame, passage) => {
          const isQuiet = textOf(frame, 'room').startsWith('parley-quiet-')
          if (!isRelayed(frame) || !isQuiet || passage.notes.get('user') !== bob.user) return true
          passage.toClient(refusal(frame, 'forbidden'))
          return false
        },
      }),
    { server: overlapping },
  ),
]
