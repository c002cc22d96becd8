import { readFileSync } from 'node:fs'
import type { RunResult } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { startCountingProxy } from './counting-proxy.ts'
import { startKit } from './kit-process.ts'
import { repository, startReferenceServer } from './running-server.ts'

/** Breaks the kit from inside when it gets a signal, in a way that nobody catches. */
function breaking(how: string): string {
  const program = `process.once('SIGUSR2', () => { ${how} })`
  return `data:text/javascript,${encodeURIComponent(program)}`
}

const failureModule = new URL('conformance/dist/engine/failure.js', repository).href

describe.skipIf(process.platform === 'win32')('a fault of the kit', () => {
  test.each([
    ['an exception', "throw new Error('broken on purpose')"],
    ['a rejection', "void Promise.reject(new Error('broken on purpose'))"],
  ])(
    '%s that nobody handles: the reports are written with what is known, and the exit code is 5',
    async (_what, how) => {
      await using server = await startReferenceServer()
      await using proxy = await startCountingProxy(server.url)
      await using kit = await startKit(
        proxy.url,
        server.tokens,
        ['--peers', 'none', '--junit', '-'],
        ['--import', breaking(how)],
      )
      await proxy.until(({ total }) => total > 60)
      kit.process.kill('SIGUSR2')
      expect(await kit.ended).toBe(5)
      const result = JSON.parse(readFileSync(kit.resultFile, 'utf8')) as RunResult
      expect(result.verdict).toBe('kit-error')
      expect(result.reason).toContain('Error: broken on purpose')
      expect(result.summary['could-not-run']).toBeGreaterThan(0)
      expect(result.summary.total).toBe(result.checks.length)
      expect(kit.printed()).toContain('This is a fault of the kit, not of the server; please report it.')
      expect(kit.printed()).toContain('</testsuites>')
    },
  )

  test('what a check learns of the server when it is over is none', async () => {
    await using server = await startReferenceServer()
    await using proxy = await startCountingProxy(server.url)
    const how = `import(${JSON.stringify(failureModule)}).then(({ CheckFailure }) => { throw new CheckFailure('a pong', 'it ended') })`
    await using kit = await startKit(
      proxy.url,
      server.tokens,
      ['--peers', 'none'],
      ['--import', breaking(how)],
    )
    await proxy.until(({ total }) => total > 60)
    kit.process.kill('SIGUSR2')
    expect(await kit.ended).toBe(3)
    expect(kit.printed()).not.toContain('fault of the kit')
  })
})
