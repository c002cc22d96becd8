import pc from 'picocolors'
import { Window } from 'happy-dom'
import { describe, expect, test } from 'vitest'
import type { CapabilityResult } from '../engine/result.ts'
import { tally } from '../engine/verdict.ts'
import { capabilityLines } from './capability.ts'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { checkResult, failedCheck, runResult } from './result.test.fixture.ts'
import { terminalReport } from './terminal.ts'

const own = [
  checkResult({ id: 'drain.a', chapter: 'drain', capability: 'drain' }),
  failedCheck({ id: 'drain.b', chapter: 'drain', capability: 'drain' }),
  checkResult({ id: 'drain.c', chapter: 'drain', capability: 'drain', verdict: 'not-observed', reason: 'x' }),
]
const summary = { ...tally(own.map(({ verdict }) => verdict)), total: own.length }
const none = { ...tally([]), total: 0 }
const capabilityResults: CapabilityResult[] = [
  { name: 'drain', offered: true, summary },
  { name: 'resume', offered: false, summary: none },
  { name: 'calls', offered: false, problem: 'hello was refused', summary: none },
]
const result = runResult([checkResult(), ...own], { capabilityResults })
const style = { palette: pc.createColors(false), columns: 100, verbose: false }

test('capabilityLines() says what is offered, and how its checks came out', () => {
  expect(capabilityLines(result)).toMatchObject([
    { name: 'drain', verdict: 'fail', offer: 'offered', passed: 1, failed: 1, other: 1 },
    { name: 'resume', verdict: 'not-applicable', offer: 'not offered', outcome: '' },
    { name: 'calls', offer: 'not known', outcome: '' },
  ])
})

describe('the table of capabilities', () => {
  test('stands above the verdict in the terminal', () => {
    expect(terminalReport(result, style)).toMatch(
      /Capabilities\n {2}✘ drain {2}offered: 1 passed, 1 failed, 1 not observed\n {2}– not offered: resume\n {2}– not known: calls\n\n.*\n {2}non-conformant/,
    )
  })

  test('is a table of Markdown and of HTML', () => {
    const rows = [
      ['drain', 'offered', '1', '1', '1'],
      ['resume', 'not offered', '', '', ''],
      ['calls', 'not known', '', '', ''],
    ]
    const lines = markdownReport(result).split('\n')
    const cells = (line: string) => line.split('|').map((cell) => cell.trim().replace(/^(❌|➖) /u, ''))
    expect(
      lines
        .slice(lines.indexOf('| Capability | Server | passed | failed | other |') + 2)
        .slice(0, 3)
        .map((line) => cells(line).slice(1, -1)),
    ).toEqual(rows)
    const { document } = new Window()
    document.write(htmlReport(result))
    const shown = [...document.querySelectorAll('.capabilities tbody tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent.replace(/^[✘–] /, '').replace(/^0$/, '')),
    )
    expect(shown).toEqual(rows)
  })

  test('is a property of each suite in JUnit', () => {
    const xml = junitReport(result)
    expect(xml).toContain('name="capability.drain" value="offered: 1 passed, 1 failed, 1 not observed"')
    expect(xml).toContain('name="capability.resume" value="not offered"')
  })

  test('is left out of a result of a kit that knew none', () => {
    const { capabilityResults: _later, ...early } = result
    for (const report of [terminalReport(early, style), markdownReport(early), htmlReport(early)])
      expect(report).not.toMatch(/<h2[^>]*>Capabilities|^ {2}Capabilities$|\| Capability/m)
  })
})

test('capabilityLines() says that nothing of the chapter of a capability was judged', () => {
  const checks = [checkResult({ id: 'frames.a', chapter: 'frames', capability: 'drain' })]
  const run = { ...result, checks }
  const lines = capabilityLines(run)
  expect(terminalReport(run, style)).toContain(
    'drain  offered, only the form of its messages is judged: 1 passed',
  )
  expect(lines[0]?.offer).toBe('offered, only the form of its messages is judged')
})
