import type { Frame, Passage, Passed, Rule } from '../middleman.ts'
import { tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { counted, isRelayed, refusal, textOf, without } from '../rule.ts'

/** Changes relayed messages on their way to the receiver. */
function delivering(
  change: (frame: Frame, passage: Passage, text: string) => Passed,
): () => { toClient: Rule } {
  return () => ({
    toClient: (frame, passage, text) =>
      isRelayed(frame) && !isLossy(text) ? change(frame, passage, text) : true,
  })
}

/** Applies a change to every value of a message, those inside others included. */
function eachValue(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return change(value.map((item) => eachValue(item, change)))
  if (typeof value !== 'object' || value === null) return change(value)
  return change(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, eachValue(member, change)])),
  )
}

const changes = (change: (value: unknown) => unknown) =>
  delivering((frame) => eachValue(frame, change) as Frame)

/** Changes the sdp of descriptions. */
function rewritesSdp(
  rewrite: (sdp: string) => string,
  types: readonly string[] = ['offer', 'answer'],
): () => { toClient: Rule } {
  return delivering((frame) =>
    types.includes(String(frame['type'])) && typeof frame['sdp'] === 'string'
      ? { ...frame, sdp: rewrite(frame['sdp']) }
      : true,
  )
}

/** Other checks that look at whole messages as well. */
const wholeMessages = {
  'relay.delivered': 'messages in every form are compared there',
  'relay.no-call-state': 'whole messages are compared there',
  'relay.unread': 'contents are compared there',
  'resume.goes-on': 'what who has resumed says in a call is compared as a whole',
} as const

const inDescriptions: MutantOptions = {
  consequences: {
    ...wholeMessages,
    'relay.members': 'sdp is a member too',
    'resume.meanwhile': 'descriptions are kept for who is away, too',
  },
}

const inMembers: MutantOptions = { consequences: wholeMessages }

/** What falls with the sender's name: messages can no longer be told apart by it. */
const nameless: MutantOptions = {
  consequences: {
    ...wholeMessages,
    'rooms.known-first': 'the sender is not the one that was made known',
    'rooms.left-last': 'messages are told apart by their sender',
    'connection.second-hello': 'the peer id is read from what it sends',
    'errors.goes-on': 'the peer id is read from what it sends',
    'delivery.order': 'messages are told apart by their sender',
    'delivery.once': 'messages are told apart by their sender',
    'delivery.no-gap': 'messages are told apart by their sender',
    'delivery.sender-gone': 'messages are told apart by their sender',
    'delivery.in-time': 'messages are told apart by their sender',
    'delivery.slow-receiver': 'messages are told apart by their sender',
    'delivery.rate': 'messages are told apart by their sender',
    'delivery.burst': 'messages are told apart by their sender',
  },
}

/** Whether a text as the kit writes it has something that a parser does not keep. */
const isLossy = (text: string) => text.startsWith('{') && text.includes('"com.example.case"')

/** Whether it has two members of one name. */
const isDoubled = (text: string) => isLossy(text) && !/com\.example\.n"|udc00/.test(text)

/** Delivers doubtful messages itself, in place of the server. */
function carriesDoubtful(
  write: (text: string, from: string) => string,
): () => { toServer: Rule; passages: Set<Passage> } {
  return () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toServer: (frame, passage, text) => {
        if (!isDoubled(text)) return true
        for (const each of passages) if (each.peer === frame['to']) each.toClient(write(text, passage.peer))
        return false
      },
    }
  }
}

/** What may be seen of a value that nobody has checked. */
const unchecked: MutantOptions = {
  consequences: {
    'frames.shape': 'what is delivered is not valid',
    'delivery.addressee': 'what is delivered names another receiver',
  },
}

const stamped = (text: string, from: string) => `{"from":${JSON.stringify(from)},${text.slice(1)}`

/** Faults of what a relay has to leave untouched. */
export const relayFidelityMutants: Mutants = [
  tampered(
    'leaves out members of reverse-domain names',
    'relay.members',
    delivering((frame) => without(frame, ...Object.keys(frame).filter((name) => name.includes('.')))),
    inMembers,
  ),
  tampered(
    'leaves out members that are null',
    'relay.members',
    delivering((frame) => without(frame, ...Object.keys(frame).filter((name) => frame[name] === null))),
    inMembers,
  ),
  tampered(
    'leaves out id',
    'relay.members',
    delivering((frame) => without(frame, 'id')),
    {
      consequences: { 'delivery.once': 'messages cannot be told apart' },
    },
  ),
  tampered(
    'leaves out to',
    'relay.members',
    delivering((frame) => without(frame, 'to')),
    {
      consequences: {
        'frames.shape': 'a delivered message has to',
        'delivery.addressee': 'a message without to is addressed to nobody',
        'delivery.once': 'messages cannot be told apart',
        'delivery.order': 'messages cannot be told apart',
        'delivery.no-gap': 'messages cannot be told apart',
      },
    },
  ),
  tampered(
    'leaves out unknown members of candidates',
    'relay.members',
    delivering((frame) => {
      const { candidate } = frame
      if (typeof candidate !== 'object' || candidate === null) return true
      const { candidate: text, sdpMid, sdpMLineIndex, usernameFragment } = candidate as Frame
      return {
        ...frame,
        candidate: JSON.parse(
          JSON.stringify({ candidate: text, sdpMid, sdpMLineIndex, usernameFragment }),
        ) as Frame,
      }
    }),
    inMembers,
  ),
  tampered(
    'leaves out a sdpMid of null',
    'relay.members',
    delivering((frame) => {
      const { candidate } = frame as { candidate?: Frame }
      return candidate && candidate['sdpMid'] === null
        ? { ...frame, candidate: without(candidate, 'sdpMid') }
        : true
    }),
    inMembers,
  ),
  tampered(
    'leaves out the label of offers',
    'relay.members',
    delivering((frame) => without(frame, 'label')),
    inMembers,
  ),
  tampered(
    'takes the blanks off labels',
    'relay.members',
    delivering((frame) => ('label' in frame ? { ...frame, label: textOf(frame, 'label').trim() } : true)),
    inMembers,
  ),
  tampered(
    'stamps a time over a member ts',
    'relay.members',
    delivering((frame) => ({ ...frame, ts: Date.now() })),
    inMembers,
  ),
  tampered(
    'rounds numbers to nine digits',
    'relay.members',
    changes((value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
    inMembers,
  ),
  tampered(
    'turns whole numbers of more than 32 bits round',
    'relay.members',
    changes((value) =>
      typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? value | 0 : value,
    ),
    {
      consequences: {
        ...wholeMessages,
        'frames.shape': 'a negotiation becomes negative',
        'delivery.no-gap': 'and so the message is not recognised',
      },
    },
  ),
  tampered(
    'sorts lists',
    'relay.members',
    changes((value) => (Array.isArray(value) ? value.toSorted() : value)),
    { consequences: { 'frames.whitespace': 'a list is compared there too' } },
  ),
  tampered(
    'normalises strings',
    'relay.members',
    changes((value) => (typeof value === 'string' ? value.normalize('NFC') : value)),
    { consequences: { 'frames.exact-names': 'values are compared exactly' } },
  ),
  tampered(
    'cuts strings at a null character',
    'relay.members',
    changes((value) =>
      typeof value === 'string' && value.includes('\u0000') ? value.slice(0, value.indexOf('\u0000')) : value,
    ),
    {
      consequences: { ...inMembers.consequences, 'relay.opaque-sdp': 'a description may hold one' },
    },
  ),
  tampered(
    'cuts strings of more than 2000 characters',
    'relay.members',
    changes((value) => (typeof value === 'string' ? value.slice(0, 2000) : value)),
    {
      consequences: {
        ...inMembers.consequences,
        ...inDescriptions.consequences,
        'relay.opaque-sdp': 'a description may be long',
        'relay.delivered': 'long messages are looked at there',
      },
    },
  ),
  tampered(
    'empties unknown members of every twentieth message',
    'relay.members',
    delivering((frame, passage) =>
      counted(passage, 'relayed') % 20 === 0 && 'com.example.noise' in frame
        ? { ...frame, 'com.example.noise': '' }
        : true,
    ),
  ),
  tampered('gives the third member of a room no unknown members', 'relay.members', () => ({
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined') passage.notes.set('others', (frame['members'] as unknown[]).length)
      const late = Number(passage.notes.get('others')) >= 2
      return late && isRelayed(frame) && 'com.example.tree' in frame
        ? without(frame, 'com.example.tree')
        : true
    },
  })),

  tampered(
    'turns bare line feeds of descriptions into CRLF',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.replace(/\r?\n/g, '\r\n')),
    inDescriptions,
  ),
  tampered(
    'turns CRLF of answers into line feeds',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.replaceAll('\r\n', '\n'), ['answer']),
    inDescriptions,
  ),
  tampered(
    'trims descriptions',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.trim()),
    inDescriptions,
  ),
  tampered(
    'ends every description with a line end',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => (/\n$/.test(sdp) ? sdp : `${sdp}\r\n`)),
    inDescriptions,
  ),
  tampered(
    'drops lines of descriptions that it does not know',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.replace(/^y=.*\r\n/m, '')),
    inDescriptions,
  ),
  tampered(
    'drops doubled lines of descriptions',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.replace(/(a=candidate:.*\r\n)\1/, '$1')),
    inDescriptions,
  ),
  tampered(
    'replaces what is not ASCII in descriptions',
    'relay.opaque-sdp',
    rewritesSdp((sdp) => sdp.replace(/[\u0080-\uffff]/g, '?')),
    inDescriptions,
  ),

  tampered(
    'delivers without from',
    'relay.from',
    delivering((frame) => without(frame, 'from')),
    nameless,
  ),
  tampered(
    "writes the receiver's own id into from",
    'relay.from',
    delivering((frame) => ({ ...frame, from: frame['to'] })),
    nameless,
  ),
  tampered(
    'writes a user into from',
    'relay.from',
    delivering((frame) =>
      frame['type'] === 'candidate' ? { ...frame, from: 'user-0123456789abcdef' } : true,
    ),
    nameless,
  ),

  tampered(
    'delivers duplicate names as they came',
    'relay.duplicate-names',
    carriesDoubtful(stamped),
    unchecked,
  ),
  tampered(
    'checks the last of two values and delivers the first',
    'relay.duplicate-names',
    carriesDoubtful((text, from) => {
      const first = /^\{("(?:[^"\\]|\\.)*":)/.exec(text)?.[1] ?? ''
      const value = /^\{"[^"]*":("[^"]*"|\d+|\{[^}]*\})/.exec(text)?.[1] ?? '""'
      return JSON.stringify({
        ...(JSON.parse(text) as Frame),
        ...(JSON.parse(`{${first}${value}}`) as Frame),
        from,
      })
    }),
    unchecked,
  ),
  tampered('answers duplicate names with unsupported-type', 'relay.duplicate-names', () => ({
    toServer: (frame, passage, text): Passed => {
      if (!isDoubled(text)) return true
      passage.toClient(refusal(without(frame, 'id'), 'unsupported-type'))
      return false
    },
  })),
  tampered('passes over messages with duplicate names in silence', 'relay.duplicate-names', () => ({
    toServer: (_frame, _passage, text): Passed => !isDoubled(text),
  })),

  tampered('measures a member data of a relayed message by limits.dataBytes', 'relay.delivered', () => ({
    toServer: (frame, passage): Passed => {
      if (!isRelayed(frame) || textOf(frame, 'data').length <= 2048) return true
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  })),

  tampered('rounds numbers that no double holds', 'relay.beyond-i-json', () => ({
    toServer: (frame, _passage, text): Passed =>
      isLossy(text) && /\d{20}|\d{16,}/.test(text) ? frame : true,
  })),
  tampered('writes null for numbers that are too great', 'relay.beyond-i-json', () => ({
    toServer: (_frame, _passage, text): Passed => text.replace(/:-?1e400/, ':null'),
  })),
  tampered('replaces lone surrogates', 'relay.beyond-i-json', () => ({
    toServer: (_frame, _passage, text): Passed =>
      isLossy(text) ? text.replace(/\\ud800|\\udfff|\\ud83d|\\ude00|\\udc00/g, '\ufffd') : true,
  })),
  tampered('answers lone surrogates with unsupported-type', 'relay.beyond-i-json', () => ({
    toServer: (frame, passage, text): Passed => {
      if (!isLossy(text) || !text.includes('\\ud83d')) return true
      passage.toClient(refusal(without(frame, 'id'), 'unsupported-type'))
      return false
    },
  })),
]
