/** What a line of a page is. Only `prose` can hold requirements, references and links. */
export type LineKind = 'prose' | 'heading' | 'quote' | 'fence'

/** One line of a page. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
  readonly kind: LineKind
  /** The nearest heading above, the line itself included if it is one. */
  readonly heading: Heading | undefined
}

/** A heading with the anchor by which links reach it. */
export interface Heading {
  readonly level: number
  readonly text: string
  /** Made as GitHub makes it: lower case, punctuation dropped, white space as hyphens, a number after a repeated one. */
  readonly anchor: string
}

/** A fenced block of code. */
export interface Fence {
  /** Line of the opening fence, counted from 1. */
  readonly line: number
  /** Words after the opening fence, such as `json client`. */
  readonly info: readonly string[]
  readonly text: string
  readonly heading: Heading | undefined
}

/** A page of the specification, taken apart. */
export interface Page {
  /** Path below `spec/`, such as `bindings/websocket.md`. */
  readonly file: string
  readonly lines: readonly Line[]
  readonly headings: readonly Heading[]
  readonly fences: readonly Fence[]
}

/** Takes a page apart line by line. */
export function parsePage(file: string, source: string): Page {
  const lines: Line[] = []
  const headings: Heading[] = []
  const fences: Fence[] = []
  let heading: Heading | undefined
  let open: { mark: string; line: number; info: string[]; text: string[] } | undefined
  for (const [index, text] of source.split('\n').entries()) {
    const number = index + 1
    const fence = /^\s*(`{3,}|~{3,})(.*)$/.exec(text)
    if (open) {
      if (fence?.[1]?.startsWith(open.mark) && fence[2]?.trim() === '') {
        fences.push({ line: open.line, info: open.info, text: open.text.join('\n'), heading })
        open = undefined
      } else {
        open.text.push(text)
      }
      lines.push({ number, text, kind: 'fence', heading })
      continue
    }
    if (fence) {
      open = { mark: fence[1] ?? '', line: number, info: words(fence[2] ?? ''), text: [] }
      lines.push({ number, text, kind: 'fence', heading })
      continue
    }
    const title = /^(#{1,6})\s+(.*?)\s*$/.exec(text)
    if (title) {
      const [, marks = '', name = ''] = title
      heading = { level: marks.length, text: name, anchor: anchorOf(name, headings) }
      headings.push(heading)
    }
    const kind = title ? 'heading' : text.startsWith('>') ? 'quote' : 'prose'
    lines.push({ number, text, kind, heading })
  }
  return { file, lines, headings, fences }
}

/** A line without what stands in inline code. */
export function withoutCode(text: string): string {
  return text.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function anchorOf(name: string, earlier: readonly Heading[]): string {
  const base = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
  const taken = new Set(earlier.map(({ anchor }) => anchor))
  let anchor = base
  for (let count = 1; taken.has(anchor); count++) anchor = `${base}-${String(count)}`
  return anchor
}
