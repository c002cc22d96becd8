import type { SessionKeeper } from '@parley/reference-server'
import { expect, test } from 'vitest'
import { runCuts } from './cut-run.ts'

test('nothing is lost, doubled or moved by 60 cuts at random bytes, and nobody else sees one', async () => {
  const { cuts, resumes, messages, faults } = await runCuts(60, 7)
  expect(faults).toEqual([])
  expect(cuts).toBeGreaterThanOrEqual(60)
  expect(resumes).toBeGreaterThan(20)
  expect(messages).toBeGreaterThan(500)
}, 60_000)

/** Lets go of one message more than the client has when its session is resumed. */
function forgetsOne(sessions: SessionKeeper): SessionKeeper {
  return new Proxy(sessions, {
    get: (target, property) => {
      if (property !== 'find') {
        const value: unknown = Reflect.get(target, property)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      }
      return (...[secret, client, ack]: Parameters<SessionKeeper['find']>) => {
        const found = target.find(secret, client, ack)
        found?.numbers?.sequence.acknowledge(ack + 1)
        return found
      }
    },
  })
}

test('a server that forgets one message at a resume is found', async () => {
  const { faults } = await runCuts(60, 7, { decorateSessions: forgetsOne })
  expect(faults.join()).toMatch(/number \d+ after \d+/)
}, 60_000)
