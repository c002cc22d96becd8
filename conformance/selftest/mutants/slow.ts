import { closeCodeOf } from '@parley/schemas'
import { defaultHandlers } from '@parley/reference-server'
import { misrung } from '../altered-calls.ts'
import { handling, servicesWith } from '../altered-presence.ts'
import { hastened } from '../hastened-clock.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { isRelayed } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { endingWith } from './session-rule.ts'
import { firing } from './timers.ts'

/** What some WebSocket libraries keep for a connection before they drop what is sent to it, in bytes. */
const mostUnsent = 65_536

/**
 * Faults that take long to be seen: `node conformance/selftest/dist/hunt-one.js --slow`. They are not in the list of every run.
 */
export const slowMutants: Mutants = [
  handling(
    'forgets cursors after 30 seconds',
    'find.cursor',
    'find',
    () => {
      const sentAt = new Map<string, number>()
      return (message, client, services, frame) => {
        const cursors = Object.create(services.cursors, {
          write: {
            value: (...args: Parameters<typeof services.cursors.write>) => {
              const cursor = services.cursors.write(...args)
              sentAt.set(cursor, Date.now())
              return cursor
            },
          },
          read: {
            value: (cursor: string, peer: string) =>
              Date.now() - (sentAt.get(cursor) ?? 0) < 30_000
                ? services.cursors.read(cursor, peer)
                : undefined,
          },
        }) as typeof services.cursors
        return defaultHandlers.find(message, client, servicesWith(services, { cursors }), frame)
      }
    },
    { slow: true },
  ),
  misrung(
    'forgets calls three seconds after their end',
    'ring.ended',
    (inner) => {
      const endedAt = new Map<string, number>()
      return {
        act: (call, event) => {
          const result = inner.act(call, event)
          if (result.kind === 'done' && event.kind === 'hangup') endedAt.set(call, Date.now())
          const isOld = Date.now() - (endedAt.get(call) ?? Infinity) > 3000
          return result.kind === 'refused' && isOld ? { ...result, code: 'call-not-found' } : result
        },
        reach: (call, ...peers) => {
          const result = inner.reach(call, ...peers)
          const isOld = Date.now() - (endedAt.get(call) ?? Infinity) > 3000
          return result === 'call-ended' && isOld ? 'call-not-found' : result
        },
      }
    },
    { slow: true },
  ),
  // How much the system itself keeps differs from machine to machine, and with what else it does.
  tampered(
    'drops what does not fit into 64 KiB of back-pressure',
    'delivery.slow-receiver',
    () => ({
      toClient: (frame, { unsentBytes }) => !isRelayed(frame) || unsentBytes <= mostUnsent,
    }),
    { slow: true, consequences: { 'delivery.no-gap': 'accepted messages are missing' } },
  ),
  tampered(
    'lets the timer for hello run for 15 seconds',
    'connection.hello-wait',
    firing('welcome', 'hello-timeout', { afterMs: 15_000 }),
    { slow: true },
  ),
  tampered(
    'lets the timer for auth run for 20 seconds',
    'auth.wait',
    firing('authenticated', 'auth-timeout', { afterMs: 20_000 }),
    { slow: true },
  ),
  tampered(
    'lets the timer for hello run where the first was refused',
    'connection.hello-wait',
    firing('welcome', 'hello-timeout', { afterMs: 15_000, refused: true }),
    { slow: true },
  ),
  tampered(
    'lets the timer for auth run where the first has failed',
    'auth.wait',
    firing('authenticated', 'auth-timeout', { afterMs: 20_000, refused: true }),
    { slow: true },
  ),
  tampered(
    'begins the time for auth anew where a further one has failed',
    'auth.wait',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'authenticated') passage.notes.set('authenticated', true)
        if (frame['code'] !== 'auth-failed' || !passage.notes.has('authenticated')) return true
        setTimeout(() => {
          passage.toClient({ type: 'error', code: 'auth-timeout', message: 'The time is over', fatal: true })
          passage.end(closeCodeOf('auth-timeout'))
        }, 20_000).unref()
        return true
      },
    }),
    { slow: true },
  ),
  tampered(
    'counts the time for auth from the opening',
    'auth.wait',
    () => ({
      onClientBegin: (passage) => {
        setTimeout(() => {
          if (passage.notes.has('authenticated')) return
          passage.toClient({ type: 'error', code: 'auth-timeout', message: 'The time is over', fatal: true })
          passage.end(closeCodeOf('auth-timeout'))
        }, 15_000).unref()
      },
      toClient: (frame, { notes }) => {
        if (frame['type'] === 'authenticated') notes.set('authenticated', true)
        return true
      },
    }),
    { slow: true },
  ),
  altered(
    'waits two minutes for hello',
    'connection.hello-timeout',
    () => startReferenceServer({ helloTimeoutSeconds: 12 }, { clock: hastened(0.1) }),
    { slow: true },
  ),
  altered(
    'waits five seconds for hello',
    'connection.hello-wait',
    () => startReferenceServer({ helloTimeoutSeconds: 10 }, { clock: hastened(2) }),
    { slow: true },
  ),
  altered(
    'gives five seconds to authenticate',
    'auth.wait',
    () => startReferenceServer({ authTimeoutSeconds: 10, helloTimeoutSeconds: 59 }, { clock: hastened(2) }),
    { slow: true },
  ),
  tampered(
    'takes a hello that it refuses for one',
    'connection.hello-timeout',
    () => ({
      toServer: (frame, { notes }, text) => {
        if (frame['type'] !== 'hello' || Array.isArray(frame['versions'])) return true
        notes.set('secret', true)
        return [text, { type: 'hello', versions: [1] }]
      },
      toClient: (frame, { notes }) => frame['type'] !== 'welcome' || !notes.has('secret'),
    }),
    // Where a user has to authenticate the end would come for want of that.
    { slow: true, server: { tokens: [] }, says: /it was still open/ },
  ),
  tampered('ends a session with idle-timeout', 'resume.fatal', endingWith('idle-timeout'), {
    slow: true,
    // No pings: the middleman would answer them.
    server: { pingSeconds: 0, idleSeconds: 120, resumeSeconds: 3600 },
    seams: () => ({ clock: hastened(60) }),
  }),
]
