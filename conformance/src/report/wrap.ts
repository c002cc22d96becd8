/**
 * Breaks text into lines at spaces; a word that is longer than a line stands alone.
 *
 * @param width - Columns of a line without its indent.
 * @param indent - What every line begins with.
 */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.map((each) => indent + each).join('\n')
}
