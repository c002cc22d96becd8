import { withoutCode, type Page } from './page.ts'
import type { Problem } from './problem.ts'
import { idPattern } from './requirement.ts'

const reference = new RegExp(`(?<!\\*\\*)\\[(${idPattern})\\](?!\\()`, 'g')

/** References of the form `[topic.phrase]`, in prose and drawings, that no requirement answers to. */
export function unknownReferences(page: Page, ids: ReadonlySet<string>): Problem[] {
  const drawn = new Set(
    page.fences.flatMap(({ info, line, text }) =>
      info[0] === 'mermaid' ? text.split('\n').map((_, index) => line + 1 + index) : [],
    ),
  )
  return page.lines.flatMap(({ number, text, kind }) => {
    if (kind === 'quote' || (kind === 'fence' && !drawn.has(number))) return []
    return [...withoutCode(text).matchAll(reference)].flatMap(([, id = '']) =>
      ids.has(id) ? [] : [{ file: page.file, line: number, message: `No requirement has the id "${id}"` }],
    )
  })
}
