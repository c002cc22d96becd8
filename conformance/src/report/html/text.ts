import { markup, type Markup } from '../markup.ts'

/** Text of the specification: what stands in backticks, and the ids of other requirements, as code. */
export function prose(text: string): Markup {
  const parts = text.split(/(`[^`]+`|\[[a-z0-9-]+\.[a-z0-9-]+\])/)
  return markup`${parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part.slice(1, -1)}</code>` : part))}`
}

/** Anchor of a check in the page. */
export function checkAnchor(id: string): string {
  return `check-${id.replace(/[^\w.:-]/g, '-')}`
}

/** Anchor of a requirement in a chapter of the page. */
export function requirementAnchor(chapter: string, id: string): string {
  return `requirement-${`${chapter}-${id}`.replace(/[^\w.:-]/g, '-')}`
}

/** A check's title as a heading: it begins with a capital letter, unless it begins with a word of the protocol. */
export function heading(title: string): string {
  return /^[a-z]+[ ,]/.test(title) ? title.charAt(0).toUpperCase() + title.slice(1) : title
}
