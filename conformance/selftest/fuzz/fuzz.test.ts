import { fuzzReport, runFuzz, type FuzzProgress, type FuzzResult } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { mutants } from '../mutants/index.ts'
import { startMinimalServer, startReferenceServer, type RunningServer } from '../running-server.ts'
import { faults } from './fault.ts'
import { faultyServers } from './faulty-server.ts'
import { serveMeasured } from './measured-server.ts'

async function fuzz(
  { url, tokens }: Pick<RunningServer, 'url' | 'tokens'>,
  more: Partial<Parameters<typeof runFuzz>[0]> = {},
): Promise<FuzzResult> {
  return await runFuzz({ url, tokens, frames: 2000, clients: 6, seed: 'gate', shrinkMs: 0, ...more })
}

async function start(name: string): Promise<RunningServer> {
  if (faultyServers[name]) return await serveMeasured(name)
  const mutant = mutants.find((each) => each.name === name)
  if (!mutant) throw new Error(`No mutant is called "${name}"`)
  return await mutant.start()
}

describe('runFuzz() finds nothing', () => {
  test.each([
    ['the reference server', () => startReferenceServer()],
    ['the reference server where nobody authenticates', () => startReferenceServer({ tokens: [] })],
    ['the minimal server', () => startMinimalServer(true)],
    ['the minimal server where nobody authenticates', () => startMinimalServer(false)],
  ])('in %s', async (_name, make) => {
    await using server = await make()
    const result = await fuzz(server)
    expect(result.findings, fuzzReport(result)).toEqual([])
    expect(result.verdict).toBe('clean')
    expect(result.frames).toBeGreaterThanOrEqual(2000)
  })
})

describe('runFuzz() finds a server that', () => {
  test.each(faults)('$name', async ({ name, told, says, within }) => {
    await using server = await start(name)
    const enough = new AbortController()
    const onEpisode = ({ findings }: FuzzProgress) => {
      if (findings > 0) enough.abort()
    }
    const result = await fuzz(server, { frames: within, signal: enough.signal, onEpisode })
    const [first] = result.findings
    expect(result.verdict, fuzzReport(result)).toBe('found')
    expect(told).toContain(first?.requirement)
    expect(first?.actual).toMatch(says)
    expect(first?.lines.length).toBeGreaterThan(0)
  })
})

test('runFuzz() sees the memory of a server that keeps what it relays', { timeout: 120_000 }, async () => {
  await using server = await serveMeasured('keeps every relayed message')
  const { findings, memory } = await fuzz(server, { frames: 14_000, memory: server.memory })
  expect(memory?.bytesPerFrame).toBeGreaterThan(16)
  expect(findings.map(({ requirement, actual }) => [requirement, actual])).toEqual([
    [undefined, expect.stringMatching(/^every frame added \d+/)],
  ])
})
