import type { Frame, MiddlemanRules } from '../middleman.ts'
import { type Mutants, refusedAsBad, tampered } from '../mutant.ts'
import { changed, refusal, valid } from '../rule.ts'

function versionsOf(frame: Frame): number[] {
  return Array.isArray(frame['versions']) ? (frame['versions'] as number[]) : []
}

/** Reads hello.versions in its own way. */
function reads(read: (versions: number[]) => number[]): () => MiddlemanRules {
  return () => ({
    toServer: valid('hello', (frame) =>
      Array.isArray(frame['versions']) ? { ...frame, versions: read(versionsOf(frame)) } : true,
    ),
  })
}

/** Notes what hello asked for. */
function afterHello(welcome: (frame: Frame, hello: Frame) => Frame): () => MiddlemanRules {
  return () => ({
    toServer: valid('hello', (frame, passage) => {
      passage.notes.set('hello', frame)
      return true
    }),
    toClient: changed('welcome', (frame, passage) => welcome(frame, passage.notes.get('hello') as Frame)),
  })
}

function refusesHello(which: (frame: Frame) => boolean, code: string): () => MiddlemanRules {
  return () => ({
    toServer: valid('hello', (frame, passage) => {
      if (!which(frame)) return true
      passage.toClient(refusal(frame, code))
      return false
    }),
  })
}

const capabilitiesOf = (frame: Frame) => (frame['capabilities'] ?? {}) as Frame

/** Faults of versions. */
const versionMutants: Mutants = [
  tampered(
    'looks at the first version alone',
    'versions.highest',
    reads((versions) => versions.slice(0, 1)),
  ),
  tampered(
    'looks at the last version alone',
    'versions.highest',
    reads((versions) => versions.slice(-1)),
  ),
  tampered(
    'looks at the first ten versions',
    'versions.highest',
    reads((versions) => versions.slice(0, 10)),
  ),
  tampered(
    'says the highest version that hello lists',
    'versions.highest',
    afterHello((frame, hello) => ({
      ...frame,
      version: Math.max(...versionsOf(hello)),
    })),
  ),
  tampered(
    'refuses a version twice in the list',
    'versions.highest',
    refusesHello((frame) => {
      const versions = versionsOf(frame)
      return new Set(versions).size < versions.length
    }, 'bad-message'),
    { consequences: refusedAsBad },
  ),
  tampered(
    'welcomes every version',
    'versions.none-in-common',
    reads(() => [1]),
  ),
  tampered(
    'reads versions as 32 bits',
    'versions.none-in-common',
    reads((versions) => versions.map((version) => Number(BigInt.asUintN(32, BigInt(version))) || 2)),
  ),
  tampered(
    'reads the first digit of a version',
    'versions.none-in-common',
    reads((versions) => versions.map((version) => Number(String(version).slice(0, 1)))),
  ),
  tampered(
    'says bad-message for no version in common',
    'versions.none-in-common',
    refusesHello((frame) => {
      const versions = versionsOf(frame)
      return versions.length > 0 && !versions.includes(1)
    }, 'bad-message'),
  ),
  tampered(
    'lets a client without a version in common stay',
    'versions.none-in-common',
    refusesHello((frame) => {
      const versions = versionsOf(frame)
      return versions.length > 0 && !versions.includes(1)
    }, 'unsupported-version'),
    { consequences: { 'errors.fatal-flag': 'unsupported-version is fatal' } },
  ),
]

const hiddenType = 'com.example.notice'

/** Notes whether the capability drain is in force, in the notes of a passage. */
function notingDrain(rules: MiddlemanRules): () => MiddlemanRules {
  return () => ({
    ...rules,
    toClient: (frame, passage, text) => {
      if (frame['type'] === 'welcome' && 'drain' in capabilitiesOf(frame)) passage.notes.set('drain', true)
      return rules.toClient?.(frame, passage, text) ?? true
    },
  })
}

/** Faults of capabilities. */
const capabilityMutants: Mutants = [
  tampered(
    'names a capability that nobody asked for',
    'capabilities.only-named',
    () => ({
      toClient: changed('welcome', (frame) => ({
        ...frame,
        capabilities: { ...capabilitiesOf(frame), drain: {} },
      })),
    }),
    { consequences: { 'capabilities.unknown-ignored': 'its check looks at what welcome names' } },
  ),
  tampered(
    'names its capability to whoever asks for any',
    'capabilities.only-named',
    afterHello((frame, hello) =>
      Object.keys(capabilitiesOf(hello)).length > 0
        ? { ...frame, capabilities: { 'ice-servers': {} } }
        : frame,
    ),
    { consequences: { 'capabilities.unknown-ignored': 'its check looks at what welcome names' } },
  ),
  tampered(
    'repeats the capabilities of hello',
    'capabilities.unknown-ignored',
    afterHello((frame, hello) => ({
      ...frame,
      capabilities: capabilitiesOf(hello),
    })),
  ),
  tampered(
    'refuses unknown capabilities',
    'capabilities.unknown-ignored',
    refusesHello(
      (frame) => Object.keys(capabilitiesOf(frame)).some((name) => !name.includes('.')),
      'bad-message',
    ),
    {
      consequences: {
        ...refusedAsBad,
        'frames.hop-members': 'one of its checks asks for resume',
      },
    },
  ),
  tampered(
    'refuses capabilities whose parameters are nested',
    'capabilities.unknown-ignored',
    refusesHello((frame) => JSON.stringify(capabilitiesOf(frame)).includes('{"a":{"b":{"c"'), 'bad-message'),
  ),
  tampered('sends a message of its own after welcome', 'capabilities.core-only', () => ({
    toClient: (frame) => (frame['type'] === 'welcome' ? [frame, { type: hiddenType }] : true),
  })),
  tampered('sends goaway to whoever has not asked for drain', 'capabilities.core-only', () => ({
    toClient: (frame) => (frame['type'] === 'welcome' ? [frame, { type: 'goaway', inMs: 60_000 }] : true),
  })),
  tampered(
    'sends a message of its own to a room with mixed capabilities',
    'capabilities.core-only',
    () => {
      const asked = new Set<unknown>()
      return {
        toServer: valid('hello', (frame, passage) => {
          if ('capabilities' in frame) passage.notes.set('asked', true)
          return true
        }),
        toClient: (frame, passage) => {
          if (frame['type'] === 'welcome' && passage.notes.has('asked')) asked.add(frame['peer'])
          if (frame['type'] !== 'joined') return true
          const members = frame['members'] as readonly Frame[]
          return members.some(({ peer }) => asked.has(peer))
            ? [frame, { type: hiddenType, room: frame['room'] }]
            : true
        },
      }
    },
    { consequences: { 'capabilities.unknown-ignored': 'its check joins a room with such a peer' } },
  ),
  tampered(
    'answers find where discovery is not in force',
    'capabilities.not-in-force',
    () => ({
      toServer: changed('find', (frame, passage) => {
        passage.toClient({ type: 'ok', ...('id' in frame ? { ref: frame['id'] } : {}) })
        return false
      }),
    }),
    { consequences: { 'frames.shape': 'ok needs a ref' } },
  ),
  tampered('says bad-message to find', 'capabilities.not-in-force', () => ({
    toServer: changed('find', (frame, passage) => {
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
]

/** Faults where a capability that the server offers is in force. */
const inForceMutants: Mutants = [
  tampered(
    'refuses the capabilities of a later day',
    'capabilities.unknown-ignored',
    refusesHello((frame) => 'calls' in capabilitiesOf(frame), 'bad-message'),
  ),
  tampered(
    'takes every capability for in force once one is',
    'capabilities.not-in-force',
    notingDrain({
      toServer: changed('find', (frame, passage) => {
        if (!passage.notes.has('drain')) return true
        if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      }),
    }),
    { consequences: { 'drain.as-core': 'what is refused elsewhere is not where drain is in force' } },
  ),
  tampered(
    'says true for the parameters of drain',
    'frames.shape',
    () => ({
      toClient: changed('welcome', (frame) =>
        'drain' in capabilitiesOf(frame)
          ? { ...frame, capabilities: { ...capabilitiesOf(frame), drain: true } }
          : frame,
      ),
    }),
    { only: 'frames.shape:parameters' },
  ),
  tampered(
    'refuses each join of a client that has asked for drain',
    'drain.as-core',
    notingDrain({
      toServer: valid('join', (frame, passage) => {
        if (!passage.notes.has('drain')) return true
        passage.toClient(refusal(frame, 'draining'))
        return false
      }),
    }),
    {
      consequences: {
        'capabilities.core-only': 'such a client is to join a room with others',
        'capabilities.not-in-force': 'such a client is to join a room with others',
      },
    },
  ),
  tampered(
    'sends no peer-updated to a client that has asked for drain',
    'drain.as-core',
    notingDrain({
      toClient: (frame, passage) => !(frame['type'] === 'peer-updated' && passage.notes.has('drain')),
    }),
  ),
  tampered(
    'says not-in-room for every relay to nobody of a client that has asked for drain',
    'drain.as-core',
    notingDrain({
      toClient: (frame, passage) =>
        frame['code'] === 'peer-not-found' && passage.notes.has('drain')
          ? { ...frame, code: 'not-in-room' }
          : true,
    }),
  ),
  tampered(
    'sends goaway to everybody in a room with one that has asked for drain',
    'capabilities.core-only',
    () => {
      const asked = new Set<unknown>()
      return {
        toClient: (frame, passage) => {
          if (frame['type'] === 'welcome' && 'drain' in capabilitiesOf(frame)) asked.add(frame['peer'])
          if (frame['type'] !== 'joined' || asked.has(passage.peer)) return true
          const members = frame['members'] as readonly Frame[]
          const isBeside = members.some(({ peer }) => asked.has(peer))
          return isBeside ? [frame, { type: 'goaway', inMs: 60_000, reason: 'all of a room' }] : true
        },
      }
    },
  ),
]

/** Faults of spec/versions.md. */
export const versionsMutants: Mutants = [...versionMutants, ...capabilityMutants, ...inForceMutants]
