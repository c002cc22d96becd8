import { describe, expect, it } from 'vitest'
import { parsePage, withoutCode } from './page.ts'

describe('parsePage()', () => {
  it('tells prose, headings, quotes and fences apart', () => {
    const page = parsePage('x.md', '# Title\n\ntext\n> quoted\n```json client\n{}\n```\nmore')
    expect(page.lines.map(({ kind }) => kind)).toEqual([
      'heading',
      'prose',
      'prose',
      'quote',
      'fence',
      'fence',
      'fence',
      'prose',
    ])
  })

  it('keeps the words after an opening fence and the lines in it', () => {
    const page = parsePage('x.md', '# Title\n\n```json client ada\n{ "a": 1 }\n# no heading\n```\n')
    expect(page.fences).toEqual([
      {
        line: 3,
        info: ['json', 'client', 'ada'],
        text: '{ "a": 1 }\n# no heading',
        heading: page.headings[0],
      },
    ])
    expect(page.headings).toHaveLength(1)
  })

  it('ends a longer fence only with one as long', () => {
    const page = parsePage('x.md', '````md\n```json\n```\n````\ntext')
    expect(page.fences.map(({ text }) => text)).toEqual(['```json\n```'])
  })

  it('makes anchors as GitHub does', () => {
    const page = parsePage('x.md', '# Taking over: `replaces`\n## The end\n## The end')
    expect(page.headings.map(({ anchor }) => anchor)).toEqual([
      'taking-over-replaces',
      'the-end',
      'the-end-1',
    ])
  })
})

describe('withoutCode()', () => {
  it('blanks inline code and keeps the columns', () => {
    expect(withoutCode('a `MUST` b')).toBe('a        b')
  })
})
