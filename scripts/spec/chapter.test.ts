import { describe, expect, it } from 'vitest'
import { inOrder, unlistedPages } from './chapter.ts'
import { parsePage } from './page.ts'

const readme = parsePage('README.md', '| [Rooms](rooms.md) |\n| [A](bindings/a.md) |')
const page = (file: string) => parsePage(file, '# X')

describe('inOrder()', () => {
  it('follows the table of contents, then the alphabet', () => {
    const pages = [page('zebra.md'), page('bindings/a.md'), page('apple.md'), page('rooms.md'), readme]
    expect(inOrder(pages).map(({ file }) => file)).toEqual([
      'README.md',
      'rooms.md',
      'bindings/a.md',
      'apple.md',
      'zebra.md',
    ])
  })
})

describe('unlistedPages()', () => {
  it('names pages that the table of contents leaves out', () => {
    expect(unlistedPages([readme, page('rooms.md'), page('CHANGELOG.md'), page('lost.md')])).toEqual([
      { file: 'lost.md', line: 1, message: 'The table of contents in README.md does not list this page' },
    ])
  })
})
