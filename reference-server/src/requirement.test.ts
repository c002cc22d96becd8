import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Requirement {
  readonly id: string
  readonly level: string
  readonly party: string
}

/** Requirements that no single branch enforces, and what does. */
const structural: Readonly<Record<string, string>> = {
  'frames.shape': 'writeMessage() is typed by the schemas, and the kit checks every frame',
  'frames.good-shape': 'checkClientMessage() is the judge of shapes, and the frame text that of I-JSON',
  'frames.others-unharmed': 'a frame is handled within its own connection, and its failure ends only that',
  'frames.unknown-members': 'the schemas permit them, and nothing reads them',
  'frames.exact-names': 'JSON.parse and Map compare so',
  'frames.whitespace': 'JSON.parse',
  'rooms.name': 'the schema of room',
  'rooms.several': 'each room is a value of its own',
  'rooms.known-first': 'a join is announced before anything else of that connection is handled',
  'rooms.after-left': 'a change of a room names only its members',
  'rooms.outsiders': 'a change of a room names only its members',
  'outcomes.typed-reply': 'each handler ends in its reply or in refuse()',
  'outcomes.exactly-one': 'each path of a handler ends in one of reply, accept() and refuse()',
  'outcomes.id-any': 'the schema of id',
  'outcomes.id-reuse': 'nothing remembers an id',
  'errors.code': 'the type of refuse() and fail()',
  'errors.fatal-flag': 'refuse() and fail() set it; their callers keep to the table, and the kit checks them',
  'errors.goes-on': 'refuse() does nothing but send',
  'limits.accept-size': 'the only comparison of sizes is that of limits.refuse-size',
  'limits.enforced': 'limits.data, limits.rooms, rooms.full',
  'limits.honoured': 'the only comparisons are those of the limits that are announced',
  'connection.welcome': 'the first reply of the handler of hello, which is the first message',
  'connection.unknown-agent': 'nothing reads agent',
  'connection.back-to-back': 'frames are handled in order, however they come',
  'delivery.no-gap': 'what the router is given it delivers, or the receiver has ended',
  'delivery.only-sent': 'the router is handed what a handler got, and nothing else makes relayed messages',
  'delivery.slow-alone': 'nothing waits for a receiver: what it has not read lies in its own socket',
  'delivery.in-time': 'what is sent goes out at the end of the turn',
  'delivery.sender-gone': 'a delivery is in the receiver before anything else of the sender is handled',
  'delivery.burst': 'a burst is never refused, only read more slowly',
  'drain.as-core': 'nothing but a draining that has begun looks at it',
  'drain.under-way': 'only a join asks whether the server drains',
  'ring.only-endpoints': 'a change of a call names only its parties',
  'ring.last': 'a call that is over for a party does not name it any more',
  'talk.apart-from-rooms': 'the registry of calls knows no rooms, and what names a room does not come to it',
  'talk.refresh': 'a call keeps the parties that it began with',
  'ack.true': 'Sequence acknowledges only what it has taken',
  'resume.unseen':
    'directory and router keep the peer until its session ends, and are told nothing of its connections',
  'resume.meanwhile': 'a session that waits is a receiver like any other, whose frames are kept',
  'ice.only-asked': 'only the handler of get-ice-servers sends, and sees to it that it goes on',
  'websocket.fragments': 'ws',
}

const source = fileURLToPath(new URL('.', import.meta.url))
const requirements = JSON.parse(
  readFileSync(new URL('../../spec/requirements.json', import.meta.url), 'utf8'),
) as Requirement[]
const ids = new Set(requirements.map(({ id }) => id))
const topics = new Set(requirements.map(({ id }) => id.split('.')[0] ?? ''))

/** Members of messages that look like ids. */
const notIds = new Set(['limits.rate'])

/** Ids in comments: words of the form topic.phrase whose topic the specification has. */
function citedIds(): Set<string> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  const cited = new Set<string>()
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    for (const [, comment = ''] of readFileSync(`${source}/${file}`, 'utf8').matchAll(/(?:\/\/|\*)(.*)$/gm)) {
      for (const [id] of comment.matchAll(/\b[a-z]+\.[a-z][a-z0-9-]*\b/g)) {
        if (topics.has(id.split('.')[0] ?? '') && !notIds.has(id)) cited.add(id)
      }
    }
  }
  return cited
}

test('every requirement that the source cites is in the specification', () => {
  expect([...citedIds()].filter((id) => !ids.has(id))).toEqual([])
})

test('every MUST of a server is cited where it is enforced, or has a reason why not', () => {
  const cited = citedIds()
  const musts = requirements.filter(({ party, level }) => party === 'server' && level.startsWith('MUST'))
  expect(musts.map(({ id }) => id).filter((id) => !cited.has(id) && !(id in structural))).toEqual([])
  expect(Object.keys(structural).filter((id) => cited.has(id) || !ids.has(id))).toEqual([])
})
