import { readFileSync } from 'node:fs'
import { runConformance, type RunResult } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { startCountingProxy, type CountingProxy } from './counting-proxy.ts'
import { childrenOf, runs, startKit, until, type KitProcess } from './kit-process.ts'
import { startMiddleman } from './middleman.ts'
import { serve, type Served } from './soak/served.ts'

interface Scene extends AsyncDisposable {
  readonly server: Served
  readonly proxy: CountingProxy
}

async function scene(): Promise<Scene> {
  const server = await serve('reference')
  const proxy = await startCountingProxy(server.url)
  return {
    server,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The server's own word, and that of a proxy which knows nothing of it. */
async function expectNothingLeft({ server, proxy }: Scene): Promise<void> {
  await proxy.until(({ open }) => open === 0)
  const health = new URL('/health', server.url.replace('ws:', 'http:'))
  await until(async () => {
    const { connections, rooms } = (await (await fetch(health)).json()) as Record<string, number>
    return connections === 0 && rooms === 0
  })
}

/** Waits until a run is in the middle, with real peers. */
async function inTheMiddle(kit: KitProcess, { proxy }: Scene): Promise<readonly number[]> {
  await proxy.until(({ total }) => total > 40)
  await until(() => childrenOf(kit.pid).length > 0)
  return childrenOf(kit.pid)
}

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids).not.toEqual([])
  for (const pid of pids) await until(() => !runs(pid))
}

function resultOf(kit: KitProcess): RunResult {
  return JSON.parse(readFileSync(kit.resultFile, 'utf8')) as RunResult
}

describe.skipIf(process.platform !== 'linux')('a run leaves nothing behind', { timeout: 180_000 }, () => {
  test('when it ends, with peers', async () => {
    await using stage = await scene()
    const { proxy, server } = stage
    const result = await runConformance({ url: proxy.url, tokens: server.tokens })
    // The run is over when its last connection is.
    expect(proxy.count.total).toBeGreaterThan(300)
    expect(result.verdict).toBe('conformant')
    await expectNothingLeft(stage)
    expect(childrenOf(process.pid).filter((pid) => pid !== server.process.pid)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'after %s in the middle: connections end in good manners',
    async (signal) => {
      await using stage = await scene()
      const codes: number[] = []
      let interrupted = false
      await using watched = await startMiddleman(stage.proxy.url, {
        toServer: (_frame, passage) => {
          passage.notes.set('spoke', true)
          return true
        },
        // A connection that was still being opened is given up: nobody has said anything on it.
        onClientEnd: (passage, code) => {
          if (interrupted && passage.notes.has('spoke')) codes.push(code)
          return true
        },
      })
      await using kit = await startKit(watched.url, stage.server.tokens, [])
      const peers = await inTheMiddle(kit, stage)
      interrupted = true
      kit.process.kill(signal)
      expect(await kit.ended).toBe(3)
      await expectNothingLeft(stage)
      await expectGone(peers)
      const { verdict, checks } = resultOf(kit)
      expect(verdict).toBe('incomplete')
      expect(checks.some(({ reason }) => reason === 'The run was ended during this check')).toBe(true)
      expect(await kit.files()).toEqual(['result.json'])
      // Only the checks that are about a cut connection cut one.
      expect(codes).not.toEqual([])
      expect(codes.filter((code) => code === 1006).length).toBeLessThanOrEqual(Math.max(2, codes.length / 4))
    },
  )

  test('after a second Ctrl-C, when the server lets the first one wait', async () => {
    await using stage = await scene()
    await using kit = await startKit(stage.proxy.url, stage.server.tokens, [])
    const peers = await inTheMiddle(kit, stage)
    stage.server.process.kill('SIGSTOP')
    kit.process.kill('SIGINT')
    await kit.prints('Once more ends it at once')
    kit.process.kill('SIGINT')
    expect(await kit.ended).toBe(130)
    stage.server.process.kill('SIGCONT')
    await expectNothingLeft(stage)
    await expectGone(peers)
    expect(await kit.files()).toEqual([])
  })

  test('after the kit is killed', async () => {
    await using stage = await scene()
    await using kit = await startKit(stage.proxy.url, stage.server.tokens, [])
    const peers = await inTheMiddle(kit, stage)
    kit.process.kill('SIGKILL')
    expect(await kit.ended).toBe('SIGKILL')
    await expectNothingLeft(stage)
    await expectGone(peers)
  })

  test('after the process of the peers is killed: the run goes on with another one', async () => {
    await using stage = await scene()
    const args = ['--check', 'relay.no-call-state,relay.delivered,delivery.order,delivery.no-gap']
    await using kit = await startKit(stage.proxy.url, stage.server.tokens, args)
    const peers = await inTheMiddle(kit, stage)
    for (const pid of peers) process.kill(pid, 'SIGKILL')
    expect(await kit.ended).toBe(3)
    await expectNothingLeft(stage)
    await expectGone(peers)
    const { checks, summary } = resultOf(kit)
    expect(summary.fail + summary['kit-error']).toBe(0)
    expect(checks.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(20)
    expect(await kit.files()).toEqual(['result.json'])
  })

  test('after Ctrl-C before the server has said a word', async () => {
    await using stage = await scene()
    stage.server.process.kill('SIGSTOP')
    await using kit = await startKit(stage.proxy.url, stage.server.tokens, [])
    await stage.proxy.until(({ total }) => total > 0)
    kit.process.kill('SIGINT')
    expect(await kit.ended).toBe(3)
    expect(kit.printed()).toContain('The run was ended before')
    stage.server.process.kill('SIGCONT')
    await expectNothingLeft(stage)
    expect(await kit.files()).toEqual([])
  })
})
