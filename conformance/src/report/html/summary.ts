import type { RunResult } from '../../engine/result.ts'
import type { Expectation } from '../../engine/expectation.ts'
import type { Cause } from '../../engine/fault-group.ts'
import { expectationLines } from '../expectation-text.ts'
import { markup, type Markup } from '../markup.ts'
import { counts, plural } from '../words.ts'
import { checkAnchor } from './text.ts'

const headlines: Readonly<Record<RunResult['verdict'], string>> = {
  conformant: 'This server conforms to Parley',
  'non-conformant': 'This server does not conform to Parley',
  incomplete: 'Nothing wrong was found, but the test is not complete',
  'kit-error': 'The test itself failed',
}

/** The verdict, in words for whoever has never seen the project. */
export function summaryOf(result: RunResult, causes: readonly Cause[]): Markup {
  const { verdict, reason, checks, target } = result
  return markup`<section class="verdict ${verdict}" aria-labelledby="verdict">
<p class="word">${verdict}</p><h1 id="verdict">${headlines[verdict]}</h1>
<p class="lead">${leadOf(result, causes)}</p>
<p><strong>Tested:</strong> <span class="url">${target.url}</span>${target.agent && markup` (${target.agent.name} ${target.agent.version})`}. ${counts(checks)}.${verdict === 'incomplete' && reason !== undefined && markup` ${reason}.`}</p>
${result.expectation && expected(result.expectation, new Set(checks.map(({ id }) => id)))}<p class="about">Parley is a protocol for the messages that WebRTC applications exchange through a server before they can talk directly. The kit connected to the server as its clients would, and compared what it did with the specification, sentence by sentence.</p>
</section>`
}

function expected(expectation: Expectation, shown: ReadonlySet<string>): Markup {
  const lines = expectationLines(expectation).map(
    ({ good, text, checks }) =>
      markup`<li><details><summary>${good ? '✔' : '✘'} ${text}</summary>${checks.map((id) => (shown.has(id) ? markup`<a href="#${checkAnchor(id)}"><code>${id}</code></a> ` : markup`<code>${id}</code> `))}</details></li>`,
  )
  return markup`<p><strong>Compared with the known failures:</strong></p><ul class="expected">${lines.length > 0 ? lines : markup`<li>✔ none known, and none seen</li>`}</ul>`
}

function leadOf({ verdict, summary }: RunResult, causes: readonly Cause[]): string {
  const consequences = causes.reduce((sum, cause) => sum + cause.consequences.length, 0)
  const rules = new Set(causes.map(({ check }) => check.requirement))
  const also =
    consequences === 0
      ? ''
      : ` ${plural(consequences, 'other failure')} most likely ${consequences === 1 ? 'follows' : 'follow'} from ${causes.length === 1 ? 'it' : 'them'}.`
  switch (verdict) {
    case 'conformant':
      return `It kept every rule that was looked at: ${plural(summary.pass, 'check')} passed.`
    case 'non-conformant':
      return `${plural(causes.length, 'fault')} ${causes.length === 1 ? 'was' : 'were'} found, against ${plural(rules.size, 'rule')} that the specification makes binding.${also}`
    case 'incomplete':
      return 'It takes a run of all checks, each with a judgement, to show that a server conforms.'
    case 'kit-error':
      return 'This is a fault of the kit and says nothing about the server; please report it with this page.'
  }
}

/** What was tested with what: the facts of a run. */
export function factsOf(result: RunResult): Markup {
  const { selection } = result
  const chosen = [
    selection.complete ? 'all checks' : 'a part of the checks',
    ...selection.checks.map((id) => `--check ${id}`),
    ...(selection.capabilities ?? []).map((name) => `--capability ${name}`),
    ...(selection.filter === undefined ? [] : [`--filter ${selection.filter}`]),
    ...(selection.drains ? ['--drain-command'] : []),
    ...(selection.exhaustive ? ['--exhaustive'] : []),
    `peers: ${selection.peers}`,
  ]
  const facts: readonly (readonly [string, string])[] = [
    ['Server', result.target.url],
    ...(result.target.proxy === undefined ? [] : ([['Through the proxy', result.target.proxy]] as const)),
    [
      'Calls itself',
      result.target.agent ? `${result.target.agent.name} ${result.target.agent.version}` : '–',
    ],
    ['Kit', `${result.kit.name} ${result.kit.version}`],
    [
      'Protocol',
      `revision ${String(result.spec.version)}, ${plural(result.spec.requirements, 'requirement')}`,
    ],
    ['Began', result.startedAt],
    ['Took', `${(result.durationMs / 1000).toFixed(1)} s`],
    ['Round trip', `${String(result.roundTripMs)} ms`],
    ['Seed', result.seed],
    ['Chosen', chosen.join(', ')],
    ['Authentication', result.auth.join(', ') || 'none announced'],
    ['Capabilities offered', result.capabilities.join(', ') || 'none (Core needs none)'],
    ['Limits', JSON.stringify(result.limits)],
  ]
  return markup`<section aria-labelledby="facts"><h2 id="facts">About this run</h2><dl class="facts">${facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`
}
