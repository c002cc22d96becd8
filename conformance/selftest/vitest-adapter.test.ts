import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checks } from '@parley/conformance'

interface Suite {
  readonly code: number
  readonly output: string
}

const project = fileURLToPath(new URL('vitest-project', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

/** Runs the suite of the project in a vitest of its own, as its author would. */
function runSuite(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Suite> {
  // What this vitest tells its own processes must not reach the other one.
  const inherited = Object.entries(process.env).filter(([name]) => !/VITE|FORCE_COLOR|NODE_ENV/.test(name))
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [vitest, 'run', '--root', project, '--reporter', 'verbose', ...args],
      { cwd: project, env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env }, timeout: 50_000 },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr })
      },
    )
  })
}

describe('describeConformance()', () => {
  test('runs only what a name filter leaves', async () => {
    const { code, output } = await runSuite({}, '--testNamePattern', 'rooms\\.leave')
    expect(code, output).toBe(0)
    expect(output).toMatch(/✓ .*Parley conformance > Rooms > rooms\.leave:told: /)
    const named = checks.filter(({ id }) => id.startsWith('rooms.leave')).length
    expect(output).toContain(`${named} passed | ${checks.length + 1 - named} skipped`)
  })

  test('fails a broken server with the text of the report, and without a stack', async () => {
    const env = { FAULT: 'says bye for leave', OPTIONS: '{"checks":["rooms.leave:told"]}' }
    const { code, output } = await runSuite(env)
    expect(code, output).toBe(1)
    expect(output).toContain('A server MUST answer `leave` with `left`, reason `leave`')
    expect(output).toMatch(/ {2}Expected\n {4}.*\n {2}But\n {4}the reason was bye/)
    expect(output).toMatch(/ A → \{"type":"leave"/)
    expect(output).toMatch(/npx @parley\/conformance \S+ --check rooms\.leave:told --seed/)
    expect(output).toMatch(/× .* > the server is conformant/)
    expect(output).not.toMatch(/❯ .*\.[tj]s:\d+/)
    expect(output).toMatch(/Tests +2 failed \(2\)/)
  })

  test('skips what was left out, with the reason, and never passes the verdict of a part', async () => {
    const env = { OPTIONS: '{"peers":"none","checks":["rooms.lost:vanished-peer","auth.none"]}' }
    const { code, output } = await runSuite(env)
    expect(code, output).toBe(0)
    expect(output).toMatch(/↓ .*rooms\.lost:vanished-peer.*\[could-not-run: No real peers/)
    expect(output).toMatch(/↓ .*auth\.none: .*\[not-applicable: welcome\.auth is not empty\]/)
    expect(output).toMatch(/↓ .*the server is conformant.*\[incomplete: .*/)
    expect(output).toMatch(/Tests +3 skipped \(3\)/)
  })

  test('fails what could not be judged', async () => {
    const { code, output } = await runSuite({ OPTIONS: '{"tokens":[],"checks":["rooms.leave:told"]}' })
    expect(code, output).toBe(1)
    expect(output).toContain('COULD-NOT-RUN rooms.leave:told')
    expect(output).toContain('this check needs a token')
    expect(output).toMatch(/Tests +2 failed \(2\)/)
  })

  test('fails as a whole when its time is over before the server is known', async () => {
    const { code, output } = await runSuite({ OPTIONS: '{"runTimeoutMs":0,"checks":["rooms.leave:told"]}' })
    expect(code, output).toBe(1)
    expect(output).toMatch(/The run was ended before \S+ had been got to know/)
  })

  test('says in one place that no server is there', async () => {
    const { code, output } = await runSuite({ DOWN: 'yes' })
    expect(code, output).toBe(1)
    expect(output.match(/Nothing listens at 127\.0\.0\.1:\d+: start the server/g)).toHaveLength(1)
    expect(output).toMatch(/Tests +\d+ skipped/)
  })
})
