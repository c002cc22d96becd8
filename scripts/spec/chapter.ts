import { posix } from 'node:path'
import { withoutCode, type Page } from './page.ts'
import type { Problem } from './problem.ts'

const contents = 'README.md'

/** The pages in the order of the table of contents in `README.md`, which comes first itself; the others after. */
export function inOrder(pages: readonly Page[]): Page[] {
  const order = [contents, ...linkedFrom(pages.find(({ file }) => file === contents))]
  const place = ({ file }: Page) => {
    const index = order.indexOf(file)
    return index === -1 ? order.length : index
  }
  return pages.toSorted((one, other) => place(one) - place(other) || (one.file < other.file ? -1 : 1))
}

/** Pages that the table of contents does not link to. */
export function unlistedPages(pages: readonly Page[]): Problem[] {
  const listed = new Set([
    contents,
    'CHANGELOG.md',
    ...linkedFrom(pages.find(({ file }) => file === contents)),
  ])
  return pages.flatMap(({ file }) =>
    listed.has(file)
      ? []
      : [{ file, line: 1, message: `The table of contents in ${contents} does not list this page` }],
  )
}

function linkedFrom(page: Page | undefined): string[] {
  return (page?.lines ?? []).flatMap(({ text }) =>
    [...withoutCode(text).matchAll(/\]\(([^)#:\s]+\.md)/g)].map(([, target = '']) => posix.normalize(target)),
  )
}
