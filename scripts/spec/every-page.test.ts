import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { deadLinks } from './link.ts'
import { parsePage } from './page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Markdown files below a folder of the repository, but for what is installed, built or generated for reading only. */
function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'api', '.git'].includes(entry.name) ? [] : pagesBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

const files = pagesBelow('.')
const pages = new Map(files.map((file) => [file, parsePage(file, readFileSync(join(root, file), 'utf8'))]))

describe('the pages of the repository', () => {
  it('link to nothing that is not there', () => {
    // The report of mutations cites code of the server, in which regular expressions look like links.
    const written = [...pages.values()].filter(({ file }) => file !== 'docs/reference/mutation.md')
    const dead = written.flatMap((page) => deadLinks(page, pages, (path) => existsSync(join(root, path))))
    expect(files.length).toBeGreaterThan(40)
    expect(dead).toEqual([])
  })

  it('stand in the table of contents of the docs, each of them', () => {
    const contents = readFileSync(join(root, 'docs/README.md'), 'utf8')
    const unlisted = files.filter(
      (file) =>
        /^docs\/(decisions|guides|reference|ci|[^/]+\.md)/.test(file) &&
        file !== 'docs/README.md' &&
        !contents.includes(`](${file.slice('docs/'.length)})`),
    )
    expect(unlisted).toEqual([])
  })
})
