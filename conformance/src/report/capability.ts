import type { CapabilityResult, RunResult } from '../engine/result.ts'
import type { CheckVerdict } from '../engine/verdict.ts'
import { countsOf, worst } from './words.ts'

/** What a report says of one capability. */
export interface CapabilityLine {
  readonly name: string
  /** The gravest verdict of its checks. */
  readonly verdict: CheckVerdict
  /** Whether the server offers it, in words. */
  readonly offer: string
  /** How its checks came out; empty where none was run. */
  readonly outcome: string
  readonly passed: number
  readonly failed: number
  /** Checks that did neither. */
  readonly other: number
}

/** Every capability of the specification: whether the server offers it, and how its checks came out. */
export function capabilityLines({ capabilityResults = [], checks }: RunResult): readonly CapabilityLine[] {
  return capabilityResults.map((result) => {
    const { name, summary } = result
    const own = checks.filter(({ capability }) => capability === name)
    const { pass: passed, fail: failed, total } = summary
    return {
      name,
      verdict: own.length > 0 ? worst(own) : 'not-applicable',
      offer: offerOf(result, own),
      outcome: result.offered ? countsOf(summary) : '',
      passed,
      failed,
      other: total - passed - failed,
    }
  })
}

function offerOf({ name, offered, problem }: CapabilityResult, own: RunResult['checks']): string {
  // Checks of other chapters look at the form of its messages, and at nothing that its own chapter says.
  const isFormAlone =
    own.length > 0 && !own.some(({ chapter }) => chapter === name || chapter === 'end-to-end')
  if (offered) return isFormAlone ? 'offered, only the form of its messages is judged' : 'offered'
  return problem === undefined ? 'not offered' : 'not known'
}
