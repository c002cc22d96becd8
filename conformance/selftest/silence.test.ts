import { runConformance } from '@parley/conformance'
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startMiddleman, type Frame, type MiddlemanRules, type Passage } from './middleman.ts'
import { startReferenceServer } from './running-server.ts'

const checks = ['rooms.joined', 'rooms.leave', 'rooms.members']

async function run(rules: MiddlemanRules) {
  await using server = await startReferenceServer()
  await using middleman = await startMiddleman(server.url, rules)
  const { url } = middleman
  return await runConformance({ url, tokens: server.tokens, peers: 'none', timeoutScale: 0.2, checks })
}

const isDeadly = ({ data }: Frame) => typeof data === 'number' && data < 0

/** Says nothing to anybody from a `join` with a negative number in data on. */
function silentForEver(): MiddlemanRules {
  let silent = false
  return {
    toServer: (frame) => {
      silent ||= isDeadly(frame)
      return !silent
    },
    toClient: () => !silent,
  }
}

/** Stands still at that frame, so many times, until all connections but one have ended, and goes on then where it was. */
function stoppedForAWhile(times: number, onReturn: () => void = () => undefined): MiddlemanRules {
  const passages = new Set<Passage>()
  let left = times
  let standstill: Promise<true> | undefined
  let goOn: () => void = () => undefined
  return {
    passages,
    toServer: (frame) => {
      if (isDeadly(frame) && !standstill && left > 0) {
        left -= 1
        standstill = new Promise((resolve) => {
          goOn = () => {
            standstill = undefined
            onReturn()
            resolve(true)
          }
        })
      } else if (frame['type'] === 'hello' && passages.size === 1) goOn()
      return standstill ?? true
    },
    toClient: () => standstill ?? true,
  }
}

/** Answers every hello, but so late, from a `join` with a negative number in data on; nobody else is answered in the meantime. */
function slowFrom(lateMs: number): MiddlemanRules {
  let slow = false
  let busy = Promise.resolve()
  return {
    toServer: async (frame) => {
      slow ||= isDeadly(frame)
      if (!slow) return true
      if (frame['type'] === 'hello') busy = after(lateMs)
      await busy
      return true
    },
    toClient: () => true,
  }
}

/** Answers nobody for so long after each `join` with a negative number in data. */
function standsStill(ms: number): MiddlemanRules {
  let still = Promise.resolve()
  return {
    toServer: async (frame) => {
      if (isDeadly(frame)) still = after(ms)
      await still
      return true
    },
    toClient: async () => {
      await still
      return true
    },
  }
}

describe.concurrent('a server that falls silent', () => {
  test('is non-conformant by the one check that says so, which names the frame, also where it was not selected', async () => {
    const { verdict, summary, checks: results } = await run(silentForEver())
    expect(verdict).toBe('non-conformant')
    expect(summary.fail).toBe(1)
    const [failed] = results.filter((check) => check.verdict === 'fail')
    expect(failed?.id).toBe('frames.others-unharmed:outlives')
    expect(failed?.reason).toMatch(/answers nobody any more.* most likely because of what [\w.:-]+ had sent/)
    expect(failed?.evidence?.join()).toMatch(/"data":-1\.5/)
    const undecided = results.filter((check) => check.verdict === 'could-not-run')
    expect(new Set(undecided.map(({ reason }) => reason))).toEqual(
      new Set([
        'The server answered nobody for too long (see frames.others-unharmed:outlives, if that fails)',
      ]),
    )
  })

  test('is not blamed when it answers once everybody has left; what was interrupted is run again', async () => {
    let returned = false
    const result = await run(
      stoppedForAWhile(1, () => {
        returned = true
      }),
    )
    expect(returned).toBe(true)
    expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(result.phases?.map(({ name }) => name)).toContain('asked again')
  })

  test('is not blamed when that happens again to the same check alone', async () => {
    const result = await run(stoppedForAWhile(2))
    expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(result.checks.map(({ attempts }) => attempts)).toContain(3)
  })

  test('is not blamed for a pong of the binding before hello, which nobody gets', async () => {
    await using server = await startReferenceServer()
    let preflight = 0
    const rules: MiddlemanRules = {
      binding: { noPong: true },
      toServer: ({ type }, { number }) => {
        if (type === 'auth') preflight = Math.max(preflight, number)
        return type !== 'hello' || number <= 1 || preflight < 2
      },
    }
    await using middleman = await startMiddleman(server.url, rules)
    const options = { tokens: server.tokens, peers: 'none', timeoutScale: 0.2 } as const
    const only = ['websocket.ping:before-hello']
    const { checks: results } = await runConformance({ ...options, url: middleman.url, checks: only })
    const [ping] = results
    expect(ping?.verdict).not.toBe('fail')
    expect(ping?.reason).toMatch(/^The server (welcomes nobody|answered nobody)/)
  })

  test('is blamed when that happens a third time', async () => {
    const { checks: results } = await run(stoppedForAWhile(3))
    const failed = results.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map(({ id }) => id)).toEqual(['frames.others-unharmed:outlives'])
    expect(failed[0]?.reason).toMatch(/twice more when [\w.:-]+ was run again alone/)
  })
})

// After the others: what these look at is slow enough as it is.
describe('a server that is slow for everybody', () => {
  test('is not blamed when all that it has left is too much to do: it answers, but late', async () => {
    const { checks: results } = await run(slowFrom(2500))
    expect(results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([])
    const reasons = results.filter(({ verdict }) => verdict !== 'pass').map(({ reason }) => reason)
    expect(reasons.join()).not.toMatch(/answers nobody any more/)
  })

  test('is blamed where it stands still for long each time that the same check comes, and is well in between', async () => {
    const { checks: results } = await run(standsStill(4500))
    const failed = results.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map(({ id }) => id)).toEqual(['frames.others-unharmed:outlives'])
    expect(failed[0]?.reason).toMatch(/twice more when [\w.:-]+ was run again alone/)
  })
})
