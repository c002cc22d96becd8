import type { Page } from './page.ts'
import { withoutCode } from './page.ts'
import type { Problem } from './problem.ts'

/** The levels of BCP 14 that the specification uses. A longer one stands before the one that it begins with. */
export const levels = ['MUST NOT', 'MUST', 'SHOULD NOT', 'SHOULD', 'MAY'] as const

/** How binding a requirement is: its first key word. */
export type Level = (typeof levels)[number]

/** Who can be bound by a requirement. */
export const parties = ['server', 'client'] as const

/** Who is bound by a requirement. */
export type Party = (typeof parties)[number]

/** One sentence of the specification that binds. */
export interface Requirement {
  /** `topic.phrase`, given by hand. */
  readonly id: string
  readonly level: Level
  readonly party: Party
  /** The sentence, in Markdown, links reduced to their text. */
  readonly text: string
  /** Path of its page below `spec/`. */
  readonly file: string
  /** The nearest heading. */
  readonly section: string
  /** Anchor of that heading. */
  readonly anchor: string
}

/** A requirement and the line where it begins. */
export interface PlacedRequirement extends Requirement {
  readonly line: number
}

/** The form of an id, without anchors. */
export const idPattern = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*\\.[a-z0-9]+(?:-[a-z0-9]+)*'

const item = new RegExp(`^- \\*\\*\\[(${idPattern})\\]\\*\\* (.*)$`)
const looksLikeItem = /^\s*[-*+]\s+\W*\[[^\]]*\]\*\*|\*\*\[/
const party = new RegExp(`^\\((${parties.join('|')})\\) (\\S.*)$`)
const levelWord = new RegExp(`\\b(${levels.join('|')})\\b`)
const foreignWord = /\b(SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/
const anyWord = /\b(MUST|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/

/** The requirements of one page in the order in which they stand, and what is wrong with its items and key words. */
export function requirementsOf(page: Page): { requirements: PlacedRequirement[]; problems: Problem[] } {
  const requirements: PlacedRequirement[] = []
  const problems: Problem[] = []
  const problem = (line: number, message: string) => problems.push({ file: page.file, line, message })
  let last = -1
  for (const [index, { number, text, kind, heading }] of page.lines.entries()) {
    if (index <= last || (kind !== 'prose' && kind !== 'heading')) continue
    if (kind === 'prose' && looksLikeItem.test(withoutCode(text))) {
      last = lastLineOf(page, index)
      const [, id, rest] = item.exec(joined(page, index, last)) ?? []
      if (id === undefined || rest === undefined) {
        problem(number, 'A requirement has the form "- **[topic.phrase]** (party) The sentence."')
        continue
      }
      const [, bound, sentence] = party.exec(rest) ?? []
      if (bound === undefined || sentence === undefined) {
        problem(number, `Requirement "${id}" names no party: expected (${parties.join(') or (')})`)
        continue
      }
      const plain = withoutCode(sentence)
      const level = levelWord.exec(plain)?.[1]
      if (level === undefined) problem(number, `Requirement "${id}" has no key word: ${levels.join(', ')}`)
      const foreign = foreignWord.exec(plain)?.[1]
      if (foreign !== undefined)
        problem(number, `Requirement "${id}" uses ${foreign}: the key words are ${levels.join(', ')}`)
      if (!heading) problem(number, `Requirement "${id}" stands under no heading`)
      if (level === undefined || !heading) continue
      requirements.push({
        id,
        level: level as Level,
        party: bound as Party,
        text: withoutLinks(sentence),
        file: page.file,
        section: heading.text.replaceAll('`', ''),
        anchor: heading.anchor,
        line: number,
      })
      continue
    }
    const word = anyWord.exec(withoutCode(text))?.[1]
    if (word !== undefined && !explainsKeyWords(page, heading?.anchor))
      problem(number, `Key word ${word} outside a requirement: give it an id or use other words`)
  }
  return { requirements, problems }
}

/** What is wrong with the ids of all pages together. */
export function duplicateIds(requirements: readonly PlacedRequirement[]): Problem[] {
  const first = new Map<string, PlacedRequirement>()
  return requirements.flatMap((requirement) => {
    const { id, file, line } = requirement
    const earlier = first.get(id)
    if (!earlier) {
      first.set(id, requirement)
      return []
    }
    const place = `spec/${earlier.file}:${String(earlier.line)}`
    return [{ file, line, message: `Requirement "${id}" has the id of another one: ${place}` }]
  })
}

/** Index of the last line of the list item that begins at `first`: what follows, indented, belongs to it. */
function lastLineOf(page: Page, first: number): number {
  let last = first
  for (;;) {
    const next = page.lines[last + 1]
    if (next?.kind !== 'prose' || !/^\s{2,}\S/.test(next.text)) return last
    last++
  }
}

function joined(page: Page, first: number, last: number): string {
  return page.lines
    .slice(first, last + 1)
    .map(({ text }, index) => (index === 0 ? text.trimEnd() : text.trim()))
    .join(' ')
}

function withoutLinks(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim()
}

/** The one section that speaks about the key words themselves. */
function explainsKeyWords(page: Page, anchor: string | undefined): boolean {
  return page.file === 'README.md' && anchor === 'how-to-read-it'
}
