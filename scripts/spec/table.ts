import type { Problem } from './problem.ts'

/** A generated table: its head and its rows, cells in Markdown. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const marked = /^<!-- (table|diagram):([a-z-]+) -->$([\s\S]*?)^<!-- \/\1 -->$/gm
const mark = /^<!-- \/?(table|diagram)\b.* -->$/gm

/**
 * Puts each table between its marks, `<!-- table:name -->` and `<!-- /table -->`, each on a line of its own, and each diagram between
 * `<!-- diagram:name -->` and `<!-- /diagram -->`.
 *
 * @param source - Text of a page.
 * @param diagrams - Diagrams in Markdown.
 */
export function fillTables(
  file: string,
  source: string,
  tables: ReadonlyMap<string, Table>,
  diagrams: ReadonlyMap<string, string> = new Map(),
): { text: string; problems: Problem[] } {
  const problems: Problem[] = []
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length
  let used = 0
  const text = source.replace(marked, (whole, kind: string, name: string, _: string, offset: number) => {
    used += 2
    const table = tables.get(name)
    const inset = kind === 'diagram' ? diagrams.get(name) : table && render(table)
    if (inset !== undefined) return `<!-- ${kind}:${name} -->\n\n${inset}\n\n<!-- /${kind} -->`
    problems.push({ file, line: lineOf(offset), message: `No ${kind} has the name "${name}"` })
    return whole
  })
  const marks = [...source.matchAll(mark)]
  if (marks.length !== used)
    problems.push({
      file,
      line: lineOf(marks[0]?.index ?? 0),
      message: 'A table or diagram needs both marks, such as "<!-- table:name -->" and "<!-- /table -->"',
    })
  return { text, problems }
}

function render({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
