import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, type FuzzResult } from '@parley/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { mutants } from '../mutants/index.ts'
import { startReferenceServer } from '../running-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function run(args: readonly string[], signal?: AbortSignal) {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const code = await main(['fuzz', ...args], { stdout, stderr, env: {}, ...(signal ? { signal } : {}) })
  return { code, out, err }
}

describe('parley-conformance fuzz', () => {
  test('ends with 0 where nothing is found, and repeats no token', async () => {
    await using server = await startReferenceServer()
    const tokens = server.tokens.flatMap((token) => ['--token', token])
    const { code, out } = await run([server.url, '--frames', '300', '--seed', 's', ...tokens])
    expect(out).toMatch(/Nothing was found\. \d+ frames in 1 episode on \d+ connections/)
    for (const token of server.tokens) expect(out).not.toContain(token)
    expect(code).toBe(0)
  })

  test('ends with 1, and says what was found, how it came, and how to repeat it', async () => {
    const mutant = mutants.find(({ name }) => name === 'overwrites from without a word')
    await using server = await mutant?.start()
    const report = join(folder, 'report.json')
    const [one = '', two = ''] = server?.tokens ?? []
    const args = [
      server?.url ?? '',
      '--frames',
      '300',
      '--seed',
      'gate',
      '--token',
      one,
      '--token',
      two,
      '--report',
      report,
    ]
    const { code, out } = await run(args)
    expect(code).toBe(1)
    expect(out).toMatch(/1\. frames\.forged-from/)
    expect(out).toMatch(/A server MUST answer a message in which a client has written `from`/)
    expect(out).toMatch(/the fewest steps that led there again \(\d+ of \d+\)/)
    expect(out).toMatch(/replay .*fuzz ws:.* --seed gate --episode 1 --clients 6 --token … --token …/)
    const written = readFileSync(report, 'utf8')
    const result = JSON.parse(written) as FuzzResult
    expect(result).toMatchObject({ verdict: 'found', seed: 'gate' })
    expect(result.findings[0]?.steps.length).toBeLessThan(result.findings[0]?.stepsOfEpisode ?? 0)
    for (const token of [one, two]) expect(out + written).not.toContain(token)
  })

  test('ends with 3 where it is interrupted, and says what is known', async () => {
    await using server = await startReferenceServer({ tokens: [] })
    const interrupt = new AbortController()
    const running = run([server.url], interrupt.signal)
    setImmediate(() => {
      interrupt.abort()
    })
    const { code, out, err } = await running
    expect(code).toBe(3)
    expect(out + err).toMatch(/interrupted|was ended before/)
  })

  test('looks at the memory of a page of metrics', async () => {
    let reads = 0
    const metrics = createServer((_request, response) => {
      reads += 1
      response.end(`process_resident_memory_bytes ${String(1e8)}\n`)
    }).listen(0, '127.0.0.1')
    await once(metrics, 'listening')
    const url = `http://127.0.0.1:${String((metrics.address() as AddressInfo).port)}/metrics`
    await using server = await startReferenceServer({ tokens: [] })
    const { code } = await run([server.url, '--frames', '300', '--metrics', url])
    expect(code).toBe(0)
    expect(reads).toBe(2)
    metrics.close()
    const broken = await run([server.url, '--metrics', url])
    expect(broken).toMatchObject({ code: 2 })
    expect(broken.err).toContain('Cannot read the metrics of the server')
  })

  test.each([
    [[], 2, 'Cannot fuzz without a URL'],
    [['ws://127.0.0.1:1/', 'ws://127.0.0.1:2/'], 2, 'more than one URL'],
    [['ws://127.0.0.1:1/', '--frames', '0'], 2, '--frames "0"'],
    [['ws://127.0.0.1:1/', '--clients', '2'], 2, '--clients "2"'],
    [['ws://127.0.0.1:1/', '--metrics', 'x'], 2, '--metrics'],
    [['ws://127.0.0.1:1/', '--report', '/no/such/folder/x'], 2, 'Cannot write the report'],
    [['ws://127.0.0.1:1/'], 4, 'Nothing listens'],
  ])('%j ends with %d', async (args, code, words) => {
    const { err, ...result } = await run(args)
    expect(err).toContain(words)
    expect(result.code).toBe(code)
  })

  test('--help fits a screen of 80 columns', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})
