import { capabilityNames } from '@parley/schemas'
import { main, runConformance, SelectionError, type CheckResult } from '@parley/conformance'
import type { ServerOptions } from '@parley/reference-server'
import { describe, expect, test } from 'vitest'
import type { Frame, MiddlemanRules } from './middleman.ts'
import { startMiddleman } from './middleman.ts'
import { refusal, valid } from './rule.ts'
import { startReferenceServer } from './running-server.ts'

async function run(checks: readonly string[], options: ServerOptions = {}, rules: MiddlemanRules = {}) {
  await using server = await startReferenceServer({ tokens: [], ...options })
  await using middleman = await startMiddleman(server.url, rules)
  return await runConformance({ url: middleman.url, checks, peers: 'none' })
}

const only = ([result]: readonly CheckResult[]) => ({ verdict: result?.verdict, reason: result?.reason })

describe('checks of a capability', () => {
  test('do not apply to a server that does not offer it', async () => {
    const result = await run(['drain.as-core'], { capabilities: [] })
    const reason = 'The server does not offer the capability drain'
    expect(only(result.checks)).toEqual({ verdict: 'not-applicable', reason })
    expect(result.capabilities).toEqual([])
    expect(result.capabilityResults).toContainEqual(
      expect.objectContaining({
        name: 'drain',
        offered: false,
        summary: expect.objectContaining({ total: 1, 'not-applicable': 1 }) as unknown,
      }),
    )
  })

  test('judge a server that offers it, with clients that ask for it', async () => {
    const result = await run(['drain.as-core'])
    expect(only(result.checks)).toEqual({ verdict: 'pass', reason: undefined })
    expect(result.checks[0]?.capability).toBe('drain')
    expect(result.capabilities).toContain('drain')
    const drain = result.capabilityResults?.find(({ name }) => name === 'drain')
    expect(drain).toMatchObject({ offered: true, summary: { total: 1, pass: 1, fail: 0 } })
  })

  test('come to no judgement where it cannot be asked what the server offers', async () => {
    const result = await run(
      ['drain.as-core'],
      {},
      {
        toServer: valid('hello', (frame, passage) => {
          if (!('capabilities' in frame)) return true
          passage.toClient(refusal(frame, 'bad-message'))
          return false
        }),
      },
    )
    expect(only(result.checks)).toEqual({
      verdict: 'could-not-run',
      reason: expect.stringMatching(
        /^What the server offers could not be asked: .* refused hello with bad-message/,
      ) as unknown,
    })
    expect(result.verdict).toBe('incomplete')
  })

  test('come to no judgement where a server offers it once and not again', async () => {
    let welcomes = 0
    const result = await run(
      ['drain.as-core'],
      {},
      {
        toClient: (frame) => {
          if (frame['type'] !== 'welcome' || !('drain' in (frame['capabilities'] as Frame))) return true
          welcomes += 1
          return welcomes === 1 ? true : { ...frame, capabilities: {} }
        },
      },
    )
    expect(only(result.checks)).toEqual({
      verdict: 'could-not-run',
      reason:
        'The server offered the capability drain to a hello that named all, and not to one that named drain',
    })
  })
})

test('checks of Core say a bare hello, whatever the server offers', async () => {
  const hellos: Frame[] = []
  const rules = { toServer: valid('hello', (frame) => hellos.push(frame) > 0) }
  await run(['relay.delivered', 'rooms.joined', 'rooms.update'], {}, rules)
  const naming = hellos.filter((frame) => 'capabilities' in frame)
  expect(hellos.length).toBeGreaterThan(10)
  expect(naming.map(({ capabilities }) => Object.keys(capabilities as Frame))).toEqual([[...capabilityNames]])
})

describe('--capability', () => {
  test('selects the checks of that capability alone, which never shows conformance', async () => {
    await using server = await startReferenceServer({ tokens: [] })
    const result = await runConformance({ url: server.url, capabilities: ['drain'], peers: 'none' })
    expect(new Set(result.checks.map(({ capability }) => capability))).toEqual(new Set(['drain']))
    expect(result.verdict).toBe('incomplete')
    expect(result.selection).toMatchObject({ complete: false, capabilities: ['drain'] })
  })

  test('says that a server does not offer it', async () => {
    await using server = await startReferenceServer({ tokens: [], capabilities: [] })
    const { reason } = await runConformance({ url: server.url, capabilities: ['drain'], peers: 'none' })
    expect(reason).toMatch(/which cannot show conformance; the server does not offer drain$/)
  })

  test('of an unknown name is wrong usage, and names the known ones', async () => {
    let words = ''
    const stderr = { write: (text: string) => (words += text) }
    const args = ['ws://127.0.0.1:1/', '--capability', 'drian']
    expect(await main(args, { stdout: stderr, stderr, env: {} })).toBe(2)
    expect(words).toContain(
      `Cannot test the capability "drian": it has to be ${capabilityNames.join(' or ')}`,
    )
    const url = 'ws://127.0.0.1:1/'
    await expect(runConformance({ url, checks: ['rooms.joined'], capabilities: ['drain'] })).rejects.toThrow(
      SelectionError,
    )
  })
})
