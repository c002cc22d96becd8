import { marked } from 'marked'
import { Window } from 'happy-dom'
import { describe, expect, test } from 'vitest'
import { markdownReport } from './markdown.ts'
import {
  checkResult,
  failedCheck,
  hinderedChecks,
  hostileText,
  refusedCheck,
  runResult,
} from './result.test.fixture.ts'

/** The report as a renderer of GitHub's Markdown shows it. */
function rendered(...parameters: Parameters<typeof runResult>) {
  const { document } = new Window()
  document.body.innerHTML = marked.parse(markdownReport(runResult(...parameters)), {
    async: false,
    gfm: true,
  })
  return document
}

describe('markdownReport()', () => {
  test('says the verdict, the cause with its rule, and counts what follows', () => {
    const document = rendered([
      failedCheck(),
      failedCheck({ id: 'relay.delivered', chapter: 'end-to-end', causedBy: 'rooms.full' }),
    ])
    expect(document.querySelector('h2')?.textContent).toBe('❌ Parley: non-conformant')
    const items = [...document.querySelectorAll('ol > li')]
    expect(items).toHaveLength(1)
    const words = items[0]?.textContent ?? ''
    for (const part of [
      'a room that is full rooms.full',
      'Expected: room-full',
      'But: the answer was ok',
      'Rule to keep (MUST, spec/rooms.md#joining): A server MUST answer with room-full.',
      'Most likely explains 1 other failure.',
    ])
      expect(words).toContain(part)
  })

  test('says what the server itself said', () => {
    const document = rendered([refusedCheck('Too many rooms')])
    expect(document.querySelector('ol > li')?.textContent).toContain(
      'In the server’s own words: Too many rooms',
    )
  })

  test('counts under a cause what could not run for it, and says no reason for each', () => {
    const document = rendered([failedCheck(), ...hinderedChecks(3, 'rooms.full')])
    expect(document.querySelector('ol > li')?.textContent).toContain('For it 3 checks could not run.')
    expect(document.body.textContent).not.toContain('A step failed')
  })

  test('has a row for each chapter and a column for each verdict that occurs', () => {
    const document = rendered([checkResult(), failedCheck({ id: 'a.b', chapter: 'frames' })])
    const cells = [...document.querySelectorAll('tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    )
    expect(cells).toEqual([
      ['Chapter', 'passed', 'failed'],
      ['✅ Rooms', '1', ''],
      ['❌ Frames', '', '1'],
    ])
  })

  test('stays small however much is broken', () => {
    const long = 'x'.repeat(10_000)
    const checks = Array.from({ length: 400 }, (_, index) =>
      failedCheck({ id: `rooms.full:${String(index)}`, expected: long, actual: long }),
    )
    const report = markdownReport(runResult(checks))
    expect(report.length).toBeLessThan(20_000)
    expect(report).toContain('And 390 more failed checks')
    expect(report).toContain('and 350 others')
  })

  test('groups what was not judged by reason', () => {
    const checks = ['a.b', 'a.c'].map((id) =>
      checkResult({ id, verdict: 'could-not-run', reason: 'no token' }),
    )
    expect(rendered(checks).querySelector('ul')?.textContent.trim()).toBe('2 checks: no token')
  })

  test('shows hostile text as text', () => {
    const hostile = failedCheck({
      title: hostileText,
      expected: hostileText,
      actual: '`'.repeat(3) + hostileText,
      statement: hostileText,
    })
    const agent = { name: hostileText, version: '1' }
    const document = rendered([hostile], { target: { url: 'ws://a/', agent }, reason: hostileText })
    expect(document.querySelectorAll('img,script,em,a,del,h1')).toHaveLength(0)
    expect(document.querySelectorAll('table')).toHaveLength(1)
    expect(document.querySelectorAll('ol > li')).toHaveLength(1)
    const outside = [...document.querySelectorAll('code')].reduce(
      (text, code) => text.replace(code.textContent, ''),
      document.body.textContent,
    )
    expect(outside).not.toMatch(/@everyone|http:\/\//)
  })
})
