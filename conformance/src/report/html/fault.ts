import type { CheckResult } from '../../engine/result.ts'
import type { Cause, Undecided } from '../../engine/fault-group.ts'
import { markup, type Markup } from '../markup.ts'
import { plural } from '../words.ts'
import { findings, proof, tellingFrames } from './check-detail.ts'
import { checkAnchor, heading } from './text.ts'

/** Faults that are open when the page is. */
const openFaults = 3

/** What is wrong, and what to change: each cause once, what follows from it folded below it. */
export function faultList(causes: readonly Cause[]): Markup | undefined {
  if (causes.length === 0) return undefined
  return markup`<section aria-labelledby="faults"><h2 id="faults">What is wrong, and what to change</h2>
<p class="intro">Each fault names the rule that the server breaks: changing the server so that it keeps the rule mends it.${causes.length > 1 && causes.some(({ consequences }) => consequences.length > 0) && ' What explains many other failures comes first, then what is plainest.'}</p>
<ol class="faults">${causes.map((cause, index) => fault(cause, index < openFaults || causes.length <= openFaults + 2))}</ol></section>`
}

function fault({ check, consequences, hindered }: Cause, open: boolean): Markup {
  return markup`<li><details class="fault" id="${checkAnchor(check.id)}"${open && markup` open`}>
<summary><h3 class="title">Failed: ${check.title}</h3> <code>${check.id}</code>${consequences.length > 0 && markup` <span class="follows">explains ${plural(consequences.length, 'more failure')}</span>`}<span class="brief">${check.reason}</span></summary>
<div class="body">${findings(check)}${tellingFrames(check)}
<details class="proof"><summary>Evidence: what both sides said, and how to see it again</summary>${proof(check)}</details>
${consequences.length > 0 && consequenceList(consequences)}${hindered.length > 0 && hinderedList(hindered)}</div></details></li>`
}

function consequenceList(checks: Cause['consequences']): Markup {
  return markup`<details class="proof"><summary>${plural(checks.length, 'failure')} that most likely ${checks.length === 1 ? 'follows' : 'follow'} from this</summary>
<ul class="consequences">${checks.map((check) => markup`<li>${named(check)}<br>${check.actual}</li>`)}</ul></details>`
}

function hinderedList(checks: Cause['hindered']): Markup {
  return markup`<details class="proof"><summary>${plural(checks.length, 'check')} that could not run for it</summary>
<ul>${checks.map((check) => markup`<li>${named(check)}</li>`)}</ul></details>`
}

/** A check by its title, which leads to it. */
function named({ id, title }: CheckResult): Markup {
  return markup`<a href="#${checkAnchor(id)}">${title}</a> <code>${id}</code>`
}

/** Where the server did not follow a recommendation. */
export function warningList(checks: readonly CheckResult[]): Markup | undefined {
  if (checks.length === 0) return undefined
  return markup`<section aria-labelledby="warnings"><h2 id="warnings">Recommendations that were not followed</h2>
<p class="intro">A SHOULD is a recommendation: this does not stand in the way of conformance.</p>
<ul class="faults">${checks.map(
    (check) => markup`<li><details class="fault warning" id="${checkAnchor(check.id)}">
<summary><h3 class="title">${heading(check.title)}</h3> <code>${check.id}</code><span class="brief">${check.reason}</span></summary>
<div class="body">${findings(check)}${tellingFrames(check)}<details class="proof"><summary>Evidence: what both sides said, and how to see it again</summary>${proof(check)}</details></div></details></li>`,
  )}</ul></section>`
}

/** What came to no judgement, by reason. */
export function undecidedList(groups: readonly Undecided[]): Markup | undefined {
  if (groups.length === 0) return undefined
  const items = groups.map(
    ({ reason, checks }) =>
      markup`<li><p class="reason">${reason}</p><details class="proof"><summary>${plural(checks.length, 'check')}</summary><ul>${checks.map((check) => markup`<li>${named(check)}</li>`)}</ul></details></li>`,
  )
  return markup`<section aria-labelledby="undecided"><h2 id="undecided">What could not be judged</h2>
<p class="intro">These checks say nothing about the server, neither good nor bad.</p><ul class="undecided">${items}</ul></section>`
}
