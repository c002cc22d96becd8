import type { CheckResult, RunResult } from '../engine/result.ts'
import { tally } from '../engine/verdict.ts'

/** Text as a bad server would send it to break a report. */
export const hostileText =
  '</script><script>alert(1)</script><!-- ]]> --> <img src=x onerror=alert(1)> "quoted" \'single\' & | `code` @everyone [link](http://evil.example) \u0000\u0007\u001B[31m\u202Egnp.\uD800 \uFFFE # *bold* _em_ ~~x~~\r\n::error::x'

/** A check's result, with what the test is about. */
export function checkResult(members: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'rooms.full',
    requirement: 'rooms.full',
    chapter: 'rooms',
    level: 'MUST',
    title: 'a room that is full',
    verdict: 'pass',
    durationMs: 12,
    attempts: 1,
    ...members,
  }
}

/** A failed check with all that a failure has. */
export function failedCheck(members: Partial<CheckResult> = {}): CheckResult {
  return checkResult({
    verdict: 'fail',
    reason: 'Expected room-full, but the answer was ok',
    expected: 'room-full',
    actual: 'the answer was ok',
    statement: 'A server MUST answer with `room-full`.',
    location: 'spec/rooms.md#joining',
    evidence: ['capacity 2'],
    transcript: [
      { at: 1.5, endpoint: 'A', direction: 'event', text: 'connection open' },
      { at: 2.5, endpoint: 'A', direction: 'sent', text: '{"type":"join","room":"r","id":"A1"}' },
      { at: 3.25, endpoint: 'A', direction: 'received', text: '{"type":"ok","ref":"A1"}' },
    ],
    replay: 'npx @parley/conformance ws://127.0.0.1:1/ --check rooms.full',
    ...members,
  })
}

/** A check that failed for an error of the server, which says this of it. */
export function refusedCheck(message: string): CheckResult {
  const text = JSON.stringify({ type: 'error', code: 'forbidden', message, fatal: false })
  return failedCheck({
    transcript: [{ at: 1, endpoint: 'A', direction: 'received', text, decisive: true }],
  })
}

/** Checks that could not run for what another one shows, each with a reason of its own. */
export function hinderedChecks(count: number, causedBy: string): CheckResult[] {
  return Array.from({ length: count }, (_, place) =>
    checkResult({
      id: `frames.f${String(place)}`,
      requirement: `frames.f${String(place)}`,
      verdict: 'could-not-run',
      reason: `A step failed in room ${String(place)}`,
      causedBy,
    }),
  )
}

/** A run's result with these checks. */
export function runResult(checks: readonly CheckResult[] = [], members: Partial<RunResult> = {}): RunResult {
  const counts = tally(checks.map(({ verdict }) => verdict))
  return {
    format: 1,
    target: { url: 'ws://127.0.0.1:1/', agent: { name: 'server', version: '1.0.0' } },
    kit: { name: '@parley/conformance', version: '0.1.0' },
    spec: { version: 1, requirements: 200 },
    capabilities: [],
    limits: { messageBytes: 65_536 },
    auth: ['token'],
    roundTripMs: 0.4,
    seed: 'seed',
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 1234,
    phases: [{ name: 'ordinary', checks: checks.length, durationMs: 1200 }],
    selection: { complete: true, checks: [], exhaustive: false, peers: 'wrtc' },
    verdict: counts.fail > 0 ? 'non-conformant' : 'conformant',
    ...(counts.fail > 0 ? { reason: '1 requirement is broken' } : {}),
    summary: { ...counts, total: checks.length },
    checks: [...checks],
    ...members,
  }
}
