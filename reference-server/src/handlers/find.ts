import { found, type Find, type FoundRoom, type FoundUser } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { visibleRooms, visibleUsers } from '../discovery/finding.ts'
import type { Handler } from '../handler.ts'
import { refOf, refuse, writeMessage } from '../reply.ts'
import type { Services } from '../services.ts'

/** Looks for rooms or users, one page at a time. */
export const handleFind: Handler<'find'> = (message, client, services) => {
  const { clock, cursors, findRate, options } = services
  const { kind, prefix = '', cursor } = message
  const retryAfterMs = findRate.take(client, clock.now())
  if (retryAfterMs > 0) {
    refuse(client, message, 'rate-limited', 'Cannot search: too many finds of this peer', retryAfterMs) // find.rate
    return
  }
  // find.cursor: it is good for as long as the peer
  const place = cursor === undefined ? undefined : cursors.read(cursor, client.peer)
  if (cursor !== undefined && (place?.kind !== kind || place.prefix !== prefix)) {
    refuse(client, message, 'unknown-cursor', 'Cannot go on with this search: begin it again') // find.unknown-cursor
    return
  }
  const most = Math.min(message.limit ?? options.pageItems, options.pageItems) // find.limit
  // One more than the page has: find.progress, and no last page without items.
  const wanted = { prefix, after: place?.after, most: most + 1 }
  // find.kind, find.present, find.prefix, find.complete
  const search = kind === 'rooms' ? visibleRooms : visibleUsers
  const items: Awaitable<readonly (FoundRoom | FoundUser)[]> = search(client, wanted, services)
  return whenReady(items, (first) => {
    answer(message, client, services, first, most)
  })
}

function answer(
  message: Find,
  client: Client,
  { cursors }: Services,
  items: readonly (FoundRoom | FoundUser)[],
  most: number,
): void {
  const { kind, prefix = '' } = message
  const page = items.slice(0, most)
  const last = page.at(-1)
  const after = last?.room ?? last?.user
  const goesOn = items.length > most && after !== undefined
  client.send(
    // find.reply
    writeMessage(found.type, {
      ...refOf(message),
      items: page,
      ...(goesOn ? { cursor: cursors.write({ kind, prefix, after }, client.peer) } : {}),
    }),
  )
}
