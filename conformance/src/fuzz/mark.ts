/** What the marks of a template stand for at the moment of sending. */
export interface Meaning {
  /** Peer id of a client's present connection, or of one that it had. */
  peer(client: number, former: boolean): string
  /** Session secret of a client's present or last connection. */
  session(client: number): string
  /** A good token of the sender's user. */
  token(): string
  room(index: number): string
  /** An `id` that has not been used on this connection. */
  id(): string
  /** A text that is nowhere else, by which a leak is known. */
  trace(): string
  /** Announced bytes of a message, and of `data`. */
  readonly messageBytes: number
  readonly dataBytes: number
}

const marks = /@([a-z])(-?\d*)@/g

/** Marks of a peer id, a room, and so on: `@p2@` is the peer id of the third client. */
export const mark = {
  peer: (client: number) => `@p${String(client)}@`,
  formerPeer: (client: number) => `@o${String(client)}@`,
  session: (client: number) => `@s${String(client)}@`,
  token: '@t@',
  room: (index: number) => `@r${String(index)}@`,
  id: '@i@',
  trace: '@m@',
  /** As many characters as make the message so many bytes longer than it may be. */
  fill: (above: number) => `@f${String(above)}@`,
  /** As many characters as make a text, as `data`, so many bytes longer than it may be. */
  dataFill: (above: number) => `@d${String(above)}@`,
} as const

/** The frame that a template stands for. */
export function written(template: string, meaning: Meaning): string {
  let room: number | undefined
  const text = template.replace(marks, (whole, letter: string, digits: string) => {
    const number = Number(digits)
    switch (letter) {
      case 'p':
      case 'o':
        return meaning.peer(number, letter === 'o')
      case 's':
        return meaning.session(number)
      case 't':
        return meaning.token()
      case 'r':
        return meaning.room(number)
      case 'i':
        return meaning.id()
      case 'm':
        return meaning.trace()
      case 'd':
        // As JSON, a text of ASCII has two quotes more.
        return 'd'.repeat(Math.max(0, meaning.dataBytes - 2 + number))
      default:
        room ??= letter === 'f' ? number : undefined
        return whole
    }
  })
  if (room === undefined) return text
  const fill = mark.fill(room)
  const missing = meaning.messageBytes + room - (Buffer.byteLength(text) - fill.length)
  return text.replace(fill, 'f'.repeat(Math.max(0, missing)))
}
