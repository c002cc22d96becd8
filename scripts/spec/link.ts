import { posix } from 'node:path'
import { withoutCode, type Page } from './page.ts'
import type { Problem } from './problem.ts'

const link = /\[[^\]]*\]\(([^)\s]+)[^)]*\)/g

/**
 * Relative links of a page that lead nowhere.
 *
 * @param pages - Every page by its path below `spec/`.
 * @param exists - Whether a path, relative to `spec/`, is a file or folder.
 */
export function deadLinks(
  page: Page,
  pages: ReadonlyMap<string, Page>,
  exists: (path: string) => boolean,
): Problem[] {
  return page.lines.flatMap(({ number, text, kind }) => {
    if (kind === 'fence') return []
    return [...withoutCode(text).matchAll(link)].flatMap(([, target = '']) => {
      const message = fault(page, target, pages, exists)
      return message === undefined ? [] : [{ file: page.file, line: number, message }]
    })
  })
}

function fault(
  page: Page,
  target: string,
  pages: ReadonlyMap<string, Page>,
  exists: (path: string) => boolean,
): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page.file : posix.join(posix.dirname(page.file), path)
  const linked = pages.get(file)
  if (!linked && !exists(file)) return `Link "${target}" leads to no file`
  if (anchor === undefined || !linked) return undefined
  if (linked.headings.some((heading) => heading.anchor === anchor)) return undefined
  return `Link "${target}" leads to no heading`
}
