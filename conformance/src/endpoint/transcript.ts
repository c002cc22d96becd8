/** One frame, or one event of the connection, as one endpoint of the kit saw it. */
export interface TranscriptEntry {
  /** Milliseconds since the run began, to the microsecond. */
  readonly at: number
  /** The kit's endpoint: `A`, `B`, … in the order in which a check opened them. */
  readonly endpoint: string
  /** `sent` by the kit, `received` from the server, or an `event` of the connection. */
  readonly direction: 'sent' | 'received' | 'event'
  /** The frame's text, or the description of the event. */
  readonly text: string
}

/** Frames of each endpoint that a report shows. */
const shownEntries = 14

/** Characters of a frame that a report shows. */
const shownCharacters = 360

/** The last entries of each endpoint, merged in order of time, shortened and without secrets. */
export function excerpt(
  entries: readonly TranscriptEntry[],
  redact: (text: string) => string,
): TranscriptEntry[] {
  const shown = new Set<TranscriptEntry>()
  for (const endpoint of new Set(entries.map((entry) => entry.endpoint))) {
    for (const entry of entries.filter((each) => each.endpoint === endpoint).slice(-shownEntries))
      shown.add(entry)
  }
  return entries
    .filter((entry) => shown.has(entry))
    .map((entry) => ({ ...entry, text: shorten(redact(entry.text)) }))
}

function shorten(text: string): string {
  if (text.length <= shownCharacters) return text
  return `${text.slice(0, shownCharacters)}… (${String(text.length)} characters)`
}
