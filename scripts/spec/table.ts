import type { Problem } from './problem.ts'

/** A generated table: its head and its rows, cells in Markdown. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const marked = /^<!-- table:([a-z-]+) -->$([\s\S]*?)^<!-- \/table -->$/gm
const mark = /^<!-- (table:.*|\/table) -->$/gm

/**
 * Puts each table between its marks, `<!-- table:name -->` and `<!-- /table -->`, each on a line of its own.
 *
 * @param source - Text of a page.
 */
export function fillTables(
  file: string,
  source: string,
  tables: ReadonlyMap<string, Table>,
): { text: string; problems: Problem[] } {
  const problems: Problem[] = []
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length
  let used = 0
  const text = source.replace(marked, (whole, name: string, _: string, offset: number) => {
    used += 2
    const table = tables.get(name)
    if (table) return `<!-- table:${name} -->\n\n${render(table)}\n\n<!-- /table -->`
    problems.push({ file, line: lineOf(offset), message: `No table has the name "${name}"` })
    return whole
  })
  const marks = [...source.matchAll(mark)]
  if (marks.length !== used)
    problems.push({
      file,
      line: lineOf(marks[0]?.index ?? 0),
      message: 'A table needs both marks: "<!-- table:name -->" and "<!-- /table -->"',
    })
  return { text, problems }
}

function render({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
