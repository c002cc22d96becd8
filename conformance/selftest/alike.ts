/**
 * Mutants of one requirement about which the same check says the same, numbers apart: each with what tells them apart, or why nothing can. Every
 * other mutant has a message of its own.
 */
export const alike: readonly {
  readonly breaks: string
  readonly mutants: readonly string[]
  readonly reason: string
}[] = [
  {
    breaks: 'delivery.only-sent',
    mutants: [
      'hangs up for a peer that has gone and has not done so itself',
      'hangs up in the name of a peer that has gone',
    ],
    reason:
      'A call that goes on when the peer goes shows both; one that was hung up before is not looked at.',
  },
  {
    breaks: 'ring.timeout',
    mutants: ['never ends a call that rings', 'rings for ten seconds at least'],
    reason: 'Nobody waits for longer than a call may ring: whether its end would come later is not seen.',
  },
  {
    breaks: 'resume.overflow',
    mutants: ['counts characters of what it keeps', 'keeps much more than it says'],
    reason: 'Both keep twice what they say; why they do cannot be seen from outside.',
  },
  {
    breaks: 'find.complete',
    mutants: [
      'leaves out a room that is alone on the last page',
      'looks for names from a prefix to the same with a ~ behind it',
    ],
    reason:
      'The last of the rooms is alone on the last page, and has a ~ behind the prefix: either way it is missing.',
  },
  {
    breaks: 'frames.goes-on',
    mutants: [
      'ends the connection after a hundred refused frames',
      'ends the connection after fifty refused frames',
    ],
    reason: 'The number of refusals tells them apart.',
  },
  {
    breaks: 'frames.nesting',
    mutants: ['refuses arrays of 16 levels', 'refuses messages of 16 levels'],
    reason: 'Arrays are tried first, and refused by both.',
  },
  {
    breaks: 'watch.first',
    mutants: ['answers twice for a user named twice', 'says nothing of users that are offline'],
    reason: 'The number of messages that came tells them apart: two, or none.',
  },
  {
    breaks: 'delivery.burst',
    mutants: ['fills the bucket at half of the announced rate', 'never fills the bucket again'],
    reason: 'The number of messages that came tells them apart: some after the burst, or none.',
  },
  {
    breaks: 'delivery.burst',
    mutants: [
      'counts a message of 10,000 characters and more as ten',
      'counts a message that is not well-formed as ten',
      'counts a message that it refuses as ten',
    ],
    reason:
      'One burst holds all of these, so that it costs a run no further one: the message names them all.',
  },
  {
    breaks: 'delivery.slow-receiver',
    mutants: [
      'drops messages for a slow reader',
      'drops messages once 256 are queued',
      'drops messages once 512 are queued',
    ],
    reason: 'The number of messages that came tells them apart.',
  },
  {
    breaks: 'frames.others-unharmed',
    mutants: [
      'accepts connections and answers nobody after a while',
      'hangs for everybody at a number with a fraction in data',
    ],
    reason: 'A server that is silent says nothing of why: only the frames before it tell them apart.',
  },
  {
    breaks: 'relay.from',
    mutants: [
      'names another member as the sender where there are three',
      'names the receiver as sender to the third member on',
    ],
    reason: 'Where three are in the room, the receiver is another member.',
  },
  {
    breaks: 'connection.random-ids',
    mutants: ['counts peer ids', 'draws 12 bytes'],
    reason: 'The number of bits tells them apart.',
  },
  {
    breaks: 'auth.not-echoed',
    mutants: ['repeats a token that it refuses', 'repeats the begin of a token that it refuses'],
    reason: 'The number of characters tells them apart.',
  },
  {
    breaks: 'auth.grants',
    mutants: [
      'compares prefixes without case',
      'looks for the prefix anywhere in a room name',
      'says that nothing is granted, and lets the user do more',
    ],
    reason: 'The name of the room tells them apart.',
  },
  {
    breaks: 'auth.grants',
    mutants: [
      'says forbidden to who has no grants and may do everything',
      'says nothing of the grants of the second user',
    ],
    reason: 'Only the server knows whether it told too little or allows too little.',
  },
  {
    breaks: 'rooms.full',
    mutants: ['keeps the place of a replaced peer', 'keeps the places of those who were cut off'],
    reason: 'A place that a replaced peer had is the first that both keep.',
  },
  {
    breaks: 'rooms.leave-not-in-room',
    mutants: ['answers a second leave with left', 'answers the leave of an outsider with left'],
    reason: 'A peer that a full room has refused is an outsider: its first leave is the second in the scene.',
  },
  {
    breaks: 'rooms.last-place',
    mutants: ['admits nobody when several want the last place', 'looks for a place long before it takes it'],
    reason: 'The number of those admitted tells them apart.',
  },
  {
    breaks: 'find.members',
    mutants: [
      'goes on counting a member that is lost',
      'keeps the count of a room from which a member is lost',
    ],
    reason: 'The number of members from before the loss stays under both: what keeps it is not seen.',
  },
  {
    breaks: 'watch.limit',
    mutants: ['takes of a watch what fits', 'watches as many as there is place for of those that it refuses'],
    reason: 'One place is missing with each of them: what has taken it is not seen.',
  },
  {
    breaks: 'rooms.after-left',
    mutants: ['goes on telling a peer that has left', 'says left, and leaves later'],
    reason: 'An update reaches who has left under both.',
  },
  {
    breaks: 'limits.size-in-bytes',
    mutants: ['measures messages in UTF-16 units', 'measures messages in characters'],
    reason: 'Characters of two bytes are one unit by both counts, and tried first.',
  },
  {
    breaks: 'custom.order',
    mutants: ['delays what is for everybody', 'loses every tenth custom message'],
    reason: 'The numbers tell them apart: what comes later, or what is missing.',
  },
  {
    breaks: 'ice.accepted',
    mutants: ['gives credentials that have ended', 'makes credentials with another secret'],
    reason: 'A TURN server answers 401 to both, and nothing else is seen of them from outside.',
  },
  {
    breaks: 'ice.renewed',
    mutants: ['lets credentials end without new ones', 'sends new credentials when the last ones have ended'],
    reason: 'The kit waits as long as an answer may take; what comes after that is not looked at.',
  },
  {
    breaks: 'limits.data',
    mutants: ['measures data of updates only', 'takes one byte of data more than it announces'],
    reason: 'The number of bytes tells them apart.',
  },
  {
    breaks: 'websocket.text',
    mutants: ['sends candidates as binary', 'sends every message as binary'],
    reason: 'How often in the run, and of how many bytes, tells them apart.',
  },
  {
    breaks: 'websocket.ping',
    mutants: ['answers a WebSocket ping with an empty pong', 'answers no WebSocket ping'],
    reason: 'The number of bytes tells them apart: an empty ping is answered by the one.',
  },
  {
    breaks: 'websocket.binary',
    mutants: ['ignores binary messages', 'reads binary messages as text'],
    reason: 'The connection goes on under both, which is looked at first.',
  },
  {
    breaks: 'resume.authentication',
    mutants: ['gives a session that was resumed every right', 'keeps the grants from before a resume'],
    reason:
      'A token that allows more before the resume than after it shows both: what was allowed then still is.',
  },
  {
    breaks: 'resume.fatal',
    mutants: [
      'lets a session wait after the third failure to authenticate',
      'resumes a session that auth-failed has ended',
    ],
    reason:
      'Both sessions are resumed, which is looked at first: the end of a wait would look like an end at once.',
  },
  {
    breaks: 'talk.as-in-a-room',
    mutants: [
      'keeps a candidate that opens a call back until the next message comes',
      'takes seconds for a candidate that opens a call',
    ],
    reason: 'Neither candidate has come when it is due; what comes after that is not looked at.',
  },
]
