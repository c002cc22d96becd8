import type { CheckResult, RunResult } from '../../engine/result.ts'
import { checkVerdicts, type CheckVerdict } from '../../engine/verdict.ts'
import { requirements } from '../../generated/requirement.ts'
import { markup, type Markup } from '../markup.ts'
import { chapterTitle, counts, groupByChapter, verdictWords, worst } from '../words.ts'
import { findings, proof } from './check-detail.ts'
import { checkAnchor, prose, requirementAnchor } from './text.ts'

const sentences: ReadonlyMap<string, string> = new Map(requirements.map(({ id, text }) => [id, text]))

const marks: Readonly<Record<CheckVerdict, string>> = {
  pass: '✔',
  warn: '!',
  fail: '✘',
  'not-applicable': '–',
  'not-observed': '–',
  'could-not-run': '?',
  inconclusive: '?',
  'kit-error': '✘',
}

/** Every requirement by chapter, with its checks. @param shown - Ids of the checks that the page shows in full elsewhere. */
export function chapterList({ checks }: RunResult, shown: ReadonlySet<string>): Markup {
  const chapters = [...groupByChapter(checks)].map(([chapter, group]) => chapterOf(chapter, group, shown))
  return markup`<section aria-labelledby="requirements"><h2 id="requirements">All requirements</h2>
${filterBar(checks)}
${chapters}<p class="nothing" hidden>No check matches the filter.</p></section>`
}

function filterBar(checks: readonly CheckResult[]): Markup {
  const present = (Object.keys(checkVerdicts) as CheckVerdict[]).filter((verdict) =>
    checks.some((check) => check.verdict === verdict),
  )
  const boxes = present.map(
    (verdict) =>
      markup`<label class="${verdict}" title="${checkVerdicts[verdict]}"><input type="checkbox" name="verdict" value="${verdict}" checked> ${checks.filter((check) => check.verdict === verdict).length} ${verdictWords[verdict]}</label>`,
  )
  return markup`<form class="filter needs-script" role="search" aria-label="Checks"><label class="search">Filter <input type="search" name="text" placeholder="room, MUST NOT, relay.from …" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></label>
<fieldset><legend>Show</legend>${boxes}</fieldset><output aria-live="polite"></output></form>`
}

function chapterOf(chapter: string, checks: readonly CheckResult[], shown: ReadonlySet<string>): Markup {
  const byRequirement = new Map<string, CheckResult[]>()
  for (const check of checks) {
    const group = byRequirement.get(check.requirement)
    if (group) group.push(check)
    else byRequirement.set(check.requirement, [check])
  }
  const items = [...byRequirement].map(([id, group]) => requirementOf(chapter, id, group, shown))
  return markup`<details class="chapter"><summary>${mark(worst(checks))} <span class="title">${chapterTitle(chapter)}</span> <span class="counts">${counts(checks)}</span></summary><ul class="requirements">${items}</ul></details>`
}

function requirementOf(
  chapter: string,
  id: string,
  checks: readonly CheckResult[],
  shown: ReadonlySet<string>,
): Markup {
  const sentence = checks.find(({ statement }) => statement !== undefined)?.statement ?? sentences.get(id)
  const level = checks[0]?.level
  return markup`<li class="requirement" id="${requirementAnchor(chapter, id)}"><h3><code>${id}</code> <span class="level">${level}</span></h3>${sentence !== undefined && markup`<p class="sentence">${prose(sentence)}</p>`}
<ul class="checks">${checks.map((check) => checkOf(check, shown.has(check.id)))}</ul></li>`
}

function checkOf(check: CheckResult, shownElsewhere: boolean): Markup {
  const { id, title, verdict, requirement, level } = check
  const words = [
    id,
    title,
    requirement,
    level,
    verdict,
    chapterTitle(check.chapter),
    check.actual,
    check.reason,
  ]
  const head = markup`${mark(verdict)} <span class="title">${title}</span>${id !== requirement && markup` <code>${id}</code>`}`
  const attributes = markup`data-verdict="${verdict}" data-words="${words.join(' ').toLowerCase()}"`
  if (shownElsewhere) {
    return markup`<li ${attributes}><a class="plain" href="#${checkAnchor(id)}">${head} <span class="quiet">shown above</span></a></li>`
  }
  const bare = verdict === 'pass' && check.evidence === undefined
  if (bare) return markup`<li ${attributes}><div class="plain" id="${checkAnchor(id)}">${head}</div></li>`
  const { statement: _, ...rest } = check
  return markup`<li ${attributes}><details class="check" id="${checkAnchor(id)}"><summary>${head}</summary><div class="body">${verdict !== 'pass' && findings(rest)}${proof(check)}</div></details></li>`
}

/** The sign of a verdict. */
export function mark(verdict: CheckVerdict): Markup {
  return markup`<span class="mark ${verdict}" role="img" aria-label="${verdict}" title="${verdict}: ${checkVerdicts[verdict]}">${marks[verdict]}</span>`
}
