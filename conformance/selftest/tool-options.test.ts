import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Each tool with something on its command line that it cannot use, and what it says. */
const wrong: readonly (readonly [tool: string, args: readonly string[], says: RegExp])[] = [
  ['soak', ['--runs', 'x'], /--runs is "x", and has to be a whole number from 1/],
  ['soak', ['--share', '2'], /--share is "2", and has to be above 0, up to 1/],
  ['soak', ['--condition', 'z'], /there is no condition z/],
  ['fuzz/main', ['--frames', '1e99'], /--frames is "1e99"/],
  ['resume/main', ['--seed', ''], /--seed is ""/],
  ['mutation/main', ['--workers', '0'], /--workers is "0"/],
  ['blame', ['--sample', '-1'], /--sample/],
  ['hunt-one', ['no such mutant'], /no mutant has "no such mutant"/],
  ['strays', ['no such mutant'], /no mutant has "no such mutant"/],
  ['generate-kill-table', ['--all'], /Unknown option '--all'/],
]

function run(tool: string, args: readonly string[]) {
  const program = fileURLToPath(new URL(`dist/${tool}.js`, import.meta.url))
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
}

describe('the tools of this repository', () => {
  test.each(wrong)('%s %j ends with 2 and says why', (tool, args, says) => {
    const { status, stdout, stderr } = run(tool, args)
    expect(stderr).toMatch(says)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test('say how they are used', () => {
    const { status, stdout } = run('soak', ['--help'])
    expect(stdout).toContain('Usage: npm run soak -- ')
    expect(status).toBe(0)
  })
})
