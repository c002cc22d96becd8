import { describe, expect, it } from 'vitest'
import { fillTables } from './table.ts'

const tables = new Map([['codes', { head: ['code', 'meaning'], rows: [['`a`', 'b | c']] }]])
const filled =
  '# X\n\n<!-- table:codes -->\n\n| code | meaning |\n| --- | --- |\n| `a` | b \\| c |\n\n<!-- /table -->\n\nend\n'

describe('fillTables()', () => {
  it('puts the table between its marks', () => {
    const source = '# X\n\n<!-- table:codes -->\nold\n<!-- /table -->\n\nend\n'
    expect(fillTables('x.md', source, tables)).toEqual({ text: filled, problems: [] })
  })

  it('changes nothing the second time', () => {
    expect(fillTables('x.md', filled, tables).text).toBe(filled)
  })

  it('refuses an unknown name and a mark without its fellow', () => {
    expect(fillTables('x.md', '\n<!-- table:no -->\n<!-- /table -->', tables).problems).toEqual([
      { file: 'x.md', line: 2, message: 'No table has the name "no"' },
    ])
    expect(fillTables('x.md', '<!-- table:codes -->', tables).problems).toHaveLength(1)
    expect(fillTables('x.md', '<!-- /table -->', tables).problems).toHaveLength(1)
    expect(fillTables('x.md', '<!-- diagram:codes -->\n<!-- /diagram -->', tables).problems).toHaveLength(1)
    expect(fillTables('x.md', '<!-- table:codes -->\n<!-- /diagram -->', tables).problems).toHaveLength(1)
  })

  it('puts a diagram between its marks', () => {
    const source = '<!-- diagram:call -->\nold\n<!-- /diagram -->\n'
    expect(fillTables('x.md', source, tables, new Map([['call', 'new']])).text).toBe(
      '<!-- diagram:call -->\n\nnew\n\n<!-- /diagram -->\n',
    )
  })
})
