import { brokenConstraint } from './broken-constraint.ts'
import { constraintsOf, type Constraint } from './constraint.ts'
import { publishedForms } from './published-form.ts'
import { schemaNode, type SchemaNode } from './schema-node.ts'

/** A form of a message: as its author puts it on the wire, or as its receiver reads it where the two differ. */
export type MessageForm = 'sent' | 'delivered'

const nodes = new Map<string, SchemaNode>()

/**
 * Everything that the schema of a message demands, each with an id: `offer/sdp: required`, `offer.delivered/from: maxLength 64`.
 *
 * @param type - Its type, or of the form that it has in a call `call-` and the type.
 */
export function constraintsOfMessage(type: string, form: MessageForm = 'sent'): readonly Constraint[] {
  const name = nameOf(type, form)
  return constraintsOf(name, nodeOf(type, form))
}

/**
 * The one constraint of its schema that a message breaks: two where an alternative is broken, and none where the message is valid or breaks
 * several things at once.
 */
export function constraintBrokenBy(
  type: string,
  message: unknown,
  form: MessageForm = 'sent',
): readonly Constraint[] {
  return brokenConstraint(nameOf(type, form), nodeOf(type, form), message)
}

function nameOf(type: string, form: MessageForm): string {
  return form === 'sent' ? type : `${type}.delivered`
}

function nodeOf(type: string, form: MessageForm): SchemaNode {
  const name = nameOf(type, form)
  const known = nodes.get(name)
  if (known) return known
  const published = publishedForms.find((each) => each.name === type)
  const schema = form === 'sent' ? published?.schema : published?.delivered
  if (!schema) throw new Error(`No message "${type}" is ${form}`)
  // TypeBox's schemas are JSON Schema; what their types do not say is of no interest here.
  const node = schemaNode(schema as SchemaNode)
  nodes.set(name, node)
  return node
}
