/** Why mutants are set aside: the specification says nothing that they could break. */
export const asideReasons = {
  log: 'a line of the log, or of what is counted: the protocol has neither',
  sentence:
    'a sentence for people (a text with a blank between two words), such as `message` of an error: its words are free',
  wording: 'what words an error’s `message` from the place of a defect: its words are free',
  clientSide: 'the judgement of what a server sends: the server’s own code never asks for it',
} as const

/** Why a mutant is set aside. */
export type AsideReason = (typeof asideReasons)[keyof typeof asideReasons]

/** What is read here of a node of Babel's syntax tree. */
interface SyntaxNode {
  readonly type: string
  readonly callee?: SyntaxNode
  readonly object?: SyntaxNode
  readonly property?: SyntaxNode
  readonly name?: string
  readonly kind?: string
  readonly key?: SyntaxNode
  readonly id?: SyntaxNode
  readonly value?: unknown
  readonly body?: readonly SyntaxNode[] | SyntaxNode
  readonly expression?: SyntaxNode
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[]
}

/** Names in `schemas/src/check-message.ts` that only a receiver of server messages uses. */
const clientSideNames: ReadonlySet<string | undefined> = new Set([
  'checkServerMessage',
  'checkServerMessageInCalls',
  'serverChecks',
  'serverCallChecks',
])

/** Functions of `schemas/src/check-message.ts` that make nothing but the words of a refusal. */
const wordingNames: ReadonlySet<string | undefined> = new Set(['explain', 'expectation', 'shorten'])

/** No name of the protocol holds a blank between two words. */
const words = /[\w}"”’,:] [\w“"$(]/

/**
 * Says whether what stands in a place of the code is none of the specification's business, with all that is inside.
 *
 * @param path - Babel's path to the place.
 */
export function asideReason(path: object): AsideReason | undefined {
  const { node } = path as { readonly node: SyntaxNode }
  if (isLogLine(node) || isLogBlock(node) || isCount(node)) return asideReasons.log
  if (words.test(textOf(node))) return asideReasons.sentence
  if (
    (node.type === 'FunctionDeclaration' || node.type === 'VariableDeclarator') &&
    clientSideNames.has(node.id?.name)
  )
    return asideReasons.clientSide
  if (node.type === 'FunctionDeclaration' && wordingNames.has(node.id?.name)) return asideReasons.wording
  return undefined
}

/** A call such as `journal.opened(…)`, `this.#engine.journal.ended(…)`, or `sink.refused(…)`, which notes the same. */
function isLogLine({ type, callee }: SyntaxNode): boolean {
  const member = callee?.type === 'MemberExpression' ? callee : undefined
  const owner = member?.object
  return (
    type === 'CallExpression' &&
    (owner?.name === 'journal' || owner?.property?.name === 'journal' || member?.property?.name === 'refused')
  )
}

/** `get size()`: how much is kept, which tests alone ask for. */
function isCount({ type, kind, key }: SyntaxNode): boolean {
  return type === 'ClassMethod' && kind === 'get' && key?.name === 'size'
}

/** A block that does nothing else. */
function isLogBlock({ type, body }: SyntaxNode): boolean {
  if (type !== 'BlockStatement' || !Array.isArray(body) || body.length === 0) return false
  return (body as readonly SyntaxNode[]).every(
    ({ expression }) => expression !== undefined && isLogLine(expression),
  )
}

function textOf({ type, value, quasis = [] }: SyntaxNode): string {
  if (type === 'StringLiteral') return String(value)
  if (type === 'TemplateLiteral') return quasis.map((quasi) => quasi.value.raw).join('$')
  return ''
}
