import type { ServerRequirementId } from '@parley/conformance'

/** A fault that the fuzzer has to find. */
export interface Fault {
  /** Name of a mutant, or of a server that needs a process of its own. */
  readonly name: string
  /** Sentences by which it may be told: which of them is met first depends on the frames that come before. */
  readonly told: readonly ServerRequirementId[]
  /** What has to be said of it. */
  readonly says: RegExp
  /** Frames in which it has to be found. */
  readonly within: number
}

/** Faults of each kind that the fuzzer is made for. */
export const faults: readonly Fault[] = [
  {
    name: 'leaks one relayed message in 5 to a third member',
    told: ['delivery.addressee'],
    says: /another peer|somebody else/,
    within: 3000,
  },
  {
    name: 'tells members of another room who comes',
    told: ['rooms.outsiders', 'rooms.after-left', 'rooms.joined-first'],
    says: /peer-(joined|updated)|joined/,
    within: 3000,
  },
  {
    name: 'shows members with their session secrets',
    told: ['connection.secret-kept'],
    says: /carried one/,
    within: 1500,
  },
  {
    name: 'drops one relayed message in 30',
    told: ['relay.delivered', 'delivery.no-gap'],
    says: /did not come in time|came first/,
    within: 4000,
  },
  {
    name: 'delivers one relayed message in 45 twice',
    told: ['delivery.once'],
    says: /came again/,
    within: 6000,
  },
  {
    name: 'swaps one relayed message in 6 with the next',
    told: ['delivery.order'],
    says: /sent later/,
    within: 8000,
  },
  {
    name: 'forgets every fourteenth ok',
    told: ['outcomes.exactly-one'],
    says: /nothing came in time/,
    within: 3000,
  },
  {
    name: 'tells one failure in 6 to nobody',
    told: ['outcomes.failure-told', 'outcomes.exactly-one'],
    says: /nothing came in time/,
    within: 2000,
  },
  {
    name: 'says ok twice to one message in 15',
    told: ['outcomes.exactly-one', 'outcomes.no-ref'],
    says: /ok came/,
    within: 3000,
  },
  {
    name: 'names the receiver as sender of one message in 10',
    told: ['relay.from', 'rooms.known-first', 'delivery.only-sent'],
    says: /came/,
    within: 3000,
  },
  {
    name: 'overwrites from without a word',
    told: ['frames.forged-from'],
    says: /answered with|delivered/,
    within: 4000,
  },
  {
    name: 'leaves out members of one message in 8 that it does not know',
    told: ['relay.members'],
    says: /changed/,
    within: 4000,
  },
  {
    name: 'acts on an update that it has refused',
    told: ['rooms.update', 'rooms.equal-data', 'outcomes.silent'],
    says: /told|came/,
    within: 8000,
  },
  {
    name: 'ends at a message that is nested deep',
    told: ['frames.others-unharmed'],
    says: /nobody gets in any more|connection of client/,
    within: 4000,
  },
]
