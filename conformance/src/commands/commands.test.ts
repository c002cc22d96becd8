import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../cli.ts'
import { checkResult, failedCheck, hostileText, runResult } from '../report/result.test.fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  return { code: await main(args, { stdout, stderr, env: {} }), out, err }
}

const good = runResult([checkResult()])
const bad = runResult([failedCheck()], { durationMs: 5000, kit: { name: 'kit', version: '0.2.0' } })

describe('parley-conformance compare', () => {
  test('what got worse ends with 1, what got better with 0', async () => {
    const [a, b] = [file('a.json', good), file('b.json', bad)]
    const worse = await run('compare', a, b)
    expect(worse.code).toBe(1)
    expect(worse.out).toMatch(/Worse \(1\)\n {2}pass → fail {2}rooms\.full: a room that is full/)
    expect(worse.out).toMatch(/Kit +0\.1\.0 → 0\.2\.0/)
    expect(worse.out).toMatch(/Duration +1\.2 s → 5\.0 s/)
    const better = await run('compare', b, a)
    expect(better.code).toBe(0)
    expect(better.out).toContain('fail → pass')
    expect(await run('compare', a, a)).toMatchObject({ code: 0, err: '' })
  })

  test('a result of a kit that did not know phases yet can be compared', async () => {
    const { phases: _later, ...early } = good
    expect(await run('compare', file('a.json', early), file('b.json', good))).toMatchObject({ code: 0 })
  })

  test.each([
    ['no JSON', '{', /Cannot use ".*x\.json" as a result of --json: it is no JSON/],
    ['foreign JSON', '{"name":"x"}', /the file must have required property 'format'/],
    ['a later format', { ...good, format: 2 }, /\/format must be equal to constant: 1/],
    ['a broken member', { ...good, checks: [{ id: 1 }] }, /\/checks\/0 must have required property/],
  ])('%s is told in one line', async (_name, content, words) => {
    const { code, err } = await run('compare', file('x.json', content), file('b.json', good))
    expect(code).toBe(2)
    expect(err).toMatch(words)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })

  test('a file that is not there, or not named, is told', async () => {
    expect(await run('compare', '/no/such.json', '/no/such.json')).toMatchObject({ code: 2 })
    expect((await run('compare', 'a.json')).err).toContain('Cannot compare 1 files: it takes two')
    expect((await run('compare', '--help')).out).toContain('Usage: parley-conformance compare')
  })

  test('what a server wrote does not command the terminal', async () => {
    const hostile = runResult([failedCheck({ reason: hostileText, title: hostileText })])
    const { out } = await run('compare', file('a.json', good), file('b.json', hostile))
    // eslint-disable-next-line no-control-regex -- what must not come through
    expect(out).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/)
  })
})

describe('parley-conformance expect', () => {
  test('writes a file that is refused until each entry has a reason', async () => {
    const { code, out, err } = await run('expect', file('r.json', bad))
    expect(code).toBe(0)
    expect(err).toContain('1 known failure, 1 without a reason yet')
    expect(JSON.parse(out)).toMatchObject({
      failures: [{ check: 'rooms.full', verdict: 'fail', reason: '' }],
    })
    const refused = await run('ws://127.0.0.1:1/', '--expect', file('known.json', out))
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/\/failures\/0\/reason must match pattern/)
  })

  test('keeps the reasons of a run that had them', async () => {
    const reason = 'issue 7'
    const known = [{ check: 'rooms.full', verdict: 'fail', reason }]
    const expectation = { known, newFailures: [], newPasses: [], undecided: [], notRun: [] }
    const { out } = await run('expect', file('r.json', { ...bad, expectation }))
    expect(JSON.parse(out)).toMatchObject({ failures: [{ reason }] })
  })
})

describe('parley-conformance --expect', () => {
  const entry = { check: 'frames.no-type', verdict: 'fail', reason: 'issue 7' }
  test.each([
    ['an unknown check', [{ ...entry, check: 'rooms.fulll' }], /"rooms\.fulll".*no such check is known/],
    ['a check twice', [entry, entry], /"frames\.no-type".*listed twice/],
    ['no reason', [{ ...entry, reason: ' ' }], /reason must match/],
    ['a member too many', [{ ...entry, reson: 'x' }], /additional properties.*reson/],
    ['a verdict that cannot be expected', [{ ...entry, verdict: 'pass' }], /verdict must be/],
  ])('%s is wrong usage, before the run', async (_name, failures, words) => {
    const { code, err } = await run('ws://127.0.0.1:1/', '--expect', file('k.json', { format: 1, failures }))
    expect(err).toMatch(words)
    expect(code).toBe(2)
  })

  test('a good file lets the run begin', async () => {
    const { code } = await run(
      'ws://127.0.0.1:1/',
      '--expect',
      file('k.json', { format: 1, failures: [entry] }),
    )
    expect(code).toBe(4)
  })
})
