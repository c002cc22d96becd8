import { describe, expect, it } from 'vitest'
import { deadLinks } from './link.ts'
import { parsePage } from './page.ts'

const pages = new Map(
  [parsePage('rooms.md', '# Rooms\n## The end'), parsePage('bindings/websocket.md', '# WebSocket')].map(
    (page) => [page.file, page],
  ),
)
const check = (source: string, file = 'x.md') =>
  deadLinks(parsePage(file, source), pages, (path) => path === 'requirements.json').map(
    ({ message }) => message,
  )

describe('deadLinks()', () => {
  it('accepts pages, anchors, files and other sites', () => {
    expect(
      check(
        '[a](rooms.md) [b](rooms.md#the-end) [c](requirements.json) [d](https://example.com/x.md) [e](#here)\n# Here',
        'rooms.md',
      ),
    ).toEqual(['Link "#here" leads to no heading'])
    expect(check('[a](../rooms.md#the-end)', 'bindings/websocket.md')).toEqual([])
  })

  it('names a missing file and a missing heading', () => {
    expect(check('[a](gone.md) and [b](rooms.md#gone)')).toEqual([
      'Link "gone.md" leads to no file',
      'Link "rooms.md#gone" leads to no heading',
    ])
  })

  it('leaves code alone', () => {
    expect(check('`[a](gone.md)`\n```\n[a](gone.md)\n```')).toEqual([])
  })
})
