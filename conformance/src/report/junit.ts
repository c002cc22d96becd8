import type { CheckResult, RunResult } from '../engine/result.ts'
import { onOneLine } from '../observer/clip.ts'
import { capabilityLines } from './capability.ts'
import { markup, type Markup } from './markup.ts'
import { chapterTitle, groupByChapter } from './words.ts'

type Outcome = 'passed' | 'failure' | 'error' | 'skipped'

/**
 * How a verdict reads in JUnit's words: what is broken is a failure; what came to no judgement is an error, so that it is never green; a
 * SHOULD that was not followed passes with a note, as it does not stand in the way of conformance; what was not looked at is skipped.
 */
const outcomes: Readonly<Record<CheckResult['verdict'], Outcome>> = {
  pass: 'passed',
  warn: 'passed',
  fail: 'failure',
  'not-applicable': 'skipped',
  'not-observed': 'skipped',
  'could-not-run': 'error',
  inconclusive: 'error',
  'kit-error': 'error',
}

type Expected = RunResult['expectation']

/** With a file of known failures, a failure that is known is skipped with its reason, and a known one that is gone fails. */
function outcomeOf({ id, verdict }: CheckResult, expected: Expected): Outcome {
  if (expected?.newPasses.includes(id)) return 'failure'
  return expected?.known.some(({ check }) => check === id) ? 'skipped' : outcomes[verdict]
}

/** The result as JUnit XML, as Jenkins and GitLab read it: a test suite for each chapter, a test case for each check. */
export function junitReport(result: RunResult): string {
  const suites = [...groupByChapter(result.checks)].map(([chapter, checks]) => suite(chapter, checks, result))
  const { failures, errors } = totals(result.checks, result.expectation)
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${`Parley conformance of ${result.target.url}`}" tests="${result.checks.length}" failures="${failures}" errors="${errors}" time="${seconds(result.durationMs)}">${suites}
</testsuites>
`.text
}

function suite(chapter: string, checks: readonly CheckResult[], result: RunResult): Markup {
  const { failures, errors, skipped } = totals(checks, result.expectation)
  const time = seconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0))
  return markup`
  <testsuite name="${`Parley: ${chapterTitle(chapter)}`}" tests="${checks.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}" timestamp="${result.startedAt.replace(/(\.\d+)?Z$/, '')}">
    <properties>${Object.entries(properties(result)).map(([name, value]) => markup`<property name="${name}" value="${value}"/>`)}</properties>${checks.map((check) => testCase(check, result.expectation))}
  </testsuite>`
}

function properties(result: RunResult): Record<string, string> {
  const { kit, spec, target, seed, verdict, reason } = result
  return {
    kit: `${kit.name} ${kit.version}`,
    revision: String(spec.version),
    target: target.url,
    ...(target.agent ? { agent: `${target.agent.name} ${target.agent.version}` } : {}),
    seed,
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...Object.fromEntries(
      capabilityLines(result).map(({ name, offer, outcome }) => [
        `capability.${name}`,
        outcome === '' ? offer : `${offer}: ${outcome}`,
      ]),
    ),
  }
}

function testCase(check: CheckResult, expected: Expected): Markup {
  return markup`
    <testcase name="${`${check.id}: ${check.title}`}" classname="${`parley.${check.chapter}`}" time="${seconds(check.durationMs)}">${outcome(check, expected)}${notes(check)}</testcase>`
}

function outcome(check: CheckResult, expected: Expected): Markup | undefined {
  const message = `${check.verdict}: ${check.reason ?? check.title}`
  switch (outcomeOf(check, expected)) {
    case 'passed':
      return undefined
    case 'failure': {
      const gone = check.verdict !== 'fail'
      return gone
        ? markup`<failure type="not as expected" message="${`Listed as a known failure, but ${message}`}"/>`
        : markup`<failure type="${check.level}" message="${message}">${failureText(check)}</failure>`
    }
    case 'error':
      return markup`<error type="${check.verdict}" message="${message}">${failureText(check)}</error>`
    case 'skipped': {
      const known = expected?.known.find(({ check: id }) => id === check.id)
      return known
        ? markup`<skipped message="${`Known failure, ${known.reason}: ${message}`}">${failureText(check)}</skipped>`
        : markup`<skipped message="${message}"/>`
    }
  }
}

function notes({ verdict, reason, evidence = [] }: CheckResult): Markup | undefined {
  const lines = [...(verdict === 'warn' ? [`warn: ${reason ?? ''}`] : []), ...evidence]
  return lines.length > 0 ? markup`<system-out>${lines.join('\n')}</system-out>` : undefined
}

function failureText(check: CheckResult): string {
  const { statement, location = '', expected, actual, reason, leg, causedBy, transcript = [], replay } = check
  const parts = [
    statement === undefined ? '' : `The specification (${check.level}, ${location}):\n  ${statement}`,
    expected === undefined
      ? `Because:\n  ${reason ?? ''}`
      : `Expected:\n  ${expected}\nBut:\n  ${actual ?? ''}`,
    causedBy === undefined ? '' : `Most likely a consequence of:\n  ${causedBy}`,
    leg === undefined ? '' : `Leg of the call that failed:\n  ${leg}`,
    transcript.length === 0
      ? ''
      : `Frames (ms, endpoint of the kit; ! shows the failure):\n${transcript.map(({ at, endpoint, direction, text, decisive }) => `${decisive === true ? '!' : ' '} ${at.toFixed(1)} ${endpoint} ${arrows[direction]} ${onOneLine(text)}`).join('\n')}`,
    replay === undefined ? '' : `Again:\n  ${replay}`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

const arrows = { sent: '→', received: '←', event: '·' } as const

function totals(checks: readonly CheckResult[], expected: Expected) {
  const count = (outcome: Outcome) => checks.filter((check) => outcomeOf(check, expected) === outcome).length
  return { failures: count('failure'), errors: count('error'), skipped: count('skipped') }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
