import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../engine/result.ts'
import { checkResult, failedCheck, hinderedChecks, runResult } from './result.test.fixture.ts'
import { terminalReport } from './terminal.ts'

const style = { palette: pc.createColors(false), columns: 100, verbose: false }

/** Lines of a terminal of the usual size, twice over: what one looks at without scrolling far. */
const screenLines = 48

function consequences(count: number, of: string): CheckResult[] {
  return Array.from({ length: count }, (_, place) =>
    failedCheck({
      id: `rooms.r${String(place)}`,
      requirement: `rooms.r${String(place)}`,
      causedBy: of,
      actual: `consequence ${String(place)}`,
    }),
  )
}

describe('terminalReport()', () => {
  it('says first what the fault is, then its consequences in a few lines, then the verdict', () => {
    const checks = [failedCheck(), ...consequences(30, 'rooms.full'), checkResult({ id: 'a.b' })]
    const report = terminalReport(runResult(checks), style)
    const places = [
      'FAIL rooms.full',
      'A server MUST answer with',
      'Expected',
      'Frames (',
      '--check rooms.full',
      '30 further failures most likely of the same fault',
      'rooms.r0: consequence 0',
      'non-conformant',
    ].map((words) => report.indexOf(words))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(report.match(/FAIL/g)).toHaveLength(1)
    expect(report.split('\n').length).toBeLessThanOrEqual(screenLines)
  })

  it('counts under a fault what could not run for it, also by way of its consequences', () => {
    const checks = [
      failedCheck(),
      ...consequences(1, 'rooms.full'),
      ...hinderedChecks(200, 'rooms.full'),
      ...hinderedChecks(1, 'rooms.r0'),
    ]
    const report = terminalReport(runResult(checks), style)
    expect(report).toContain('201 checks that could not run for it')
    expect(report).not.toContain('COULD-NOT-RUN')
    expect(report.split('\n').length).toBeLessThanOrEqual(screenLines)
  })

  it('shows each of several faults', () => {
    const checks = ['a.one', 'b.two', 'c.three', 'd.four'].map((id) => failedCheck({ id, requirement: id }))
    const report = terminalReport(runResult(checks), style)
    for (const { id } of checks) expect(report).toContain(id)
    expect(report).toContain('1 fault more')
  })

  it('says what is wrong in Core before what is wrong in a capability', () => {
    const inCalls = failedCheck({ id: 'talk.seq', requirement: 'talk.seq', capability: 'calls' })
    const report = terminalReport(runResult([inCalls, failedCheck()]), style)
    expect(report.indexOf('FAIL rooms.full')).toBeLessThan(report.indexOf('FAIL talk.seq'))
  })

  it('keeps the frames that decide, wherever they stand in a long transcript', () => {
    const frame = (text: string) => ({ at: 1, endpoint: 'A', direction: 'sent', text }) as const
    const transcript = [
      { ...frame(`{"type":"join","data":"${'x'.repeat(120)} the offence"}`), decisive: true },
      ...Array.from({ length: 40 }, (_, place) => frame(`{"n":${String(place)}}`)),
    ]
    const report = terminalReport(runResult([failedCheck({ transcript })]), style)
    expect(report).toContain('the offence')
    expect(report).toContain('{"n":39}')
    expect(report).not.toContain('{"n":20}')
  })

  it('keeps a frame with white space on one line, and shows it', () => {
    const text = '{\n\t"type": "pong"\n}'
    const transcript = [{ at: 1, endpoint: 'A', direction: 'received' as const, text, decisive: true }]
    for (const verbose of [false, true])
      expect(terminalReport(runResult([failedCheck({ transcript })]), { ...style, verbose })).toContain(
        'A ← {\\n\\t"type": "pong"\\n}\n',
      )
  })

  it('names the leg of a check with real peers', () => {
    const check = failedCheck({ id: 'relay.delivered:media', verdict: 'could-not-run', leg: 'ice' })
    expect(terminalReport(runResult([check]), style)).toContain('ice: no candidate pair connected')
  })

  it('lists all consequences with verbose', () => {
    const checks = [failedCheck(), ...consequences(9, 'rooms.full')]
    expect(terminalReport(runResult(checks), { ...style, verbose: true })).toContain(
      'rooms.r8: consequence 8',
    )
  })

  it('says once why checks do not apply, and names them, all of them with verbose', () => {
    const checks = Array.from({ length: 14 }, (_, place) =>
      checkResult({ id: `ice.r${String(place)}`, verdict: 'not-applicable', reason: 'It is not offered' }),
    )
    const report = terminalReport(runResult(checks), style)
    expect(report.match(/It is not offered/g)).toHaveLength(1)
    expect(report).toContain('ice.r11 and 2')
    expect(report).not.toContain('ice.r12')
    expect(terminalReport(runResult(checks), { ...style, verbose: true })).toContain('ice.r13')
  })
})
