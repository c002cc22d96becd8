import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { checkVerdicts, type CheckVerdict } from '../engine/verdict.ts'
import { junitReport } from './junit.ts'
import { checkResult, failedCheck, hostileText, runResult } from './result.test.fixture.ts'

const schema = readFileSync(new URL('fixture/junit.xsd', import.meta.url), 'utf8')

async function faultsOf(xml: string): Promise<string[]> {
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] })
  return errors.map(({ message }) => message)
}

const everyVerdict = (Object.keys(checkVerdicts) as CheckVerdict[]).map((verdict) =>
  checkResult({
    id: `rooms.${verdict}`,
    verdict,
    ...(verdict === 'pass' ? {} : { reason: `why ${verdict}` }),
  }),
)

describe('junitReport()', () => {
  test('is valid for every verdict', async () => {
    expect(await faultsOf(junitReport(runResult([...everyVerdict, failedCheck()])))).toEqual([])
    expect(await faultsOf(junitReport(runResult()))).toEqual([])
  })

  test('the schema sees what is wrong', async () => {
    const xml = junitReport(runResult([failedCheck()]))
    expect(await faultsOf(xml.replace('failures="1"', 'failures="one"'))).not.toEqual([])
    expect(await faultsOf(xml.replaceAll('testcase', 'case'))).not.toEqual([])
  })

  test('maps each verdict, and counts it', () => {
    const xml = junitReport(runResult(everyVerdict))
    expect(xml).toContain('tests="8" failures="1" errors="3" skipped="2"')
    const outcomeOf = (verdict: CheckVerdict) =>
      new RegExp(`<testcase name="rooms\\.${verdict}:[^>]*>(?:<(\\w+) )?`).exec(xml)?.[1] ?? 'passed'
    expect(Object.fromEntries(everyVerdict.map(({ verdict }) => [verdict, outcomeOf(verdict)]))).toEqual({
      pass: 'passed',
      warn: 'passed',
      fail: 'failure',
      'not-applicable': 'skipped',
      'not-observed': 'skipped',
      'could-not-run': 'error',
      inconclusive: 'error',
      'kit-error': 'error',
    })
    expect(xml).toContain('<system-out>warn: why warn</system-out>')
  })

  test('keeps the text of a failure whole', () => {
    const xml = junitReport(runResult([failedCheck()]))
    expect(xml).toContain('message="fail: Expected room-full, but the answer was ok"')
    for (const words of [
      'A server MUST answer with `room-full`.',
      'spec/rooms.md#joining',
      '--check rooms.full',
    ])
      expect(xml).toContain(words)
    expect(xml).toContain('2.5 A → {&quot;type&quot;:&quot;join&quot;')
  })

  test('skips known failures with their reason, and fails what is listed but gone', async () => {
    const checks = [failedCheck(), checkResult({ id: 'rooms.gone' }), failedCheck({ id: 'rooms.new' })]
    const expectation = {
      known: [{ check: 'rooms.full', verdict: 'fail', reason: 'issue 7' }],
      newFailures: ['rooms.new'],
      newPasses: ['rooms.gone'],
      undecided: [],
      notRun: [],
    }
    const xml = junitReport(runResult(checks, { expectation }))
    expect(await faultsOf(xml)).toEqual([])
    expect(xml).toContain('tests="3" failures="2" errors="0" skipped="1"')
    expect(xml).toContain('<skipped message="Known failure, issue 7: fail: Expected room-full')
    expect(xml).toContain('message="Listed as a known failure, but pass: a room that is full"')
  })

  test('keeps a frame with white space on one line', () => {
    const text = '{\n\t"n": 1}'
    const transcript = [{ at: 1, endpoint: 'A', direction: 'received' as const, text }]
    expect(junitReport(runResult([failedCheck({ transcript })]))).toContain('{\\n\\t&quot;n&quot;: 1}')
  })

  test('survives hostile text', async () => {
    const hostile = failedCheck({
      title: hostileText,
      reason: hostileText,
      expected: hostileText,
      actual: hostileText,
      evidence: [hostileText],
      transcript: [{ at: 1, endpoint: 'A', direction: 'received', text: hostileText }],
    })
    const agent = { name: hostileText, version: hostileText }
    const xml = junitReport(runResult([hostile], { target: { url: 'ws://a/', agent }, reason: hostileText }))
    expect(await faultsOf(xml)).toEqual([])
    expect(xml).not.toContain('<script')
    expect(xml).toContain('\\u0000\\u0007\\u001B[31m\\u202Egnp.\\uD800')
  })
})
