import { describe, expect, it } from 'vitest'
import { parsePage } from './page.ts'
import { unknownReferences } from './reference.ts'

const lines = (source: string) =>
  unknownReferences(parsePage('x.md', source), new Set(['a.known'])).map(({ line }) => line)

describe('unknownReferences()', () => {
  it('accepts references that exist and an item that defines its own id', () => {
    expect(lines('See [a.known].\n- **[a.new]** (server) It MUST.')).toEqual([])
  })

  it('finds them in prose, items, tables and drawings', () => {
    expect(lines('See [a.gone].\n- **[a.known]** (server) It MUST, [a.gone].\n| [a.gone] |')).toEqual([
      1, 2, 3,
    ])
    expect(lines('```mermaid\nA->>B: offer [a.gone]\n```')).toEqual([2])
  })

  it('leaves code, links and quotes alone', () => {
    expect(lines('`[a.gone]` [a.gone](x.md)\n> [a.gone]\n```json\n[a.gone]\n```\n[integer]')).toEqual([])
  })
})
