import { readFileSync } from 'node:fs'
import { runConformance, type RunResult } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { startMinimalServer, startReferenceServer, type RunningServer } from './running-server.ts'

async function run(server: RunningServer): Promise<RunResult> {
  await using target = server
  return await runConformance({ url: target.url, tokens: target.tokens })
}

function blemishes({ checks }: RunResult): string[] {
  return checks
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable' && verdict !== 'not-observed')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason ?? ''}`)
}

describe('the whole kit finds good servers conformant', () => {
  test('reference server, with users', async () => {
    const result = await run(await startReferenceServer())
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('reference server, without authentication', async () => {
    const result = await run(await startReferenceServer({ tokens: [] }))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('minimal server, with users', async () => {
    const result = await run(await startMinimalServer(true))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('minimal server, without authentication', async () => {
    const result = await run(await startMinimalServer(false))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })
})

test('the minimal server has at most 400 lines that are neither blank nor comment', () => {
  const file = new URL('../../docs/examples/minimal-server/server.js', import.meta.url)
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
  expect(lines.length).toBeGreaterThan(200)
  expect(lines.length).toBeLessThanOrEqual(400)
})
