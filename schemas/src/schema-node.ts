/** A JSON Schema, as far as the messages use it; `$ref` is resolved. */
export interface SchemaNode {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly not?: object
  readonly propertyNames?: { readonly pattern?: string }
  readonly additionalProperties?: boolean | SchemaNode
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
}

/** The same schema, in which a choice between words is an `enum`, as in what is published. */
export function schemaNode(schema: SchemaNode): SchemaNode {
  const words = schema.anyOf?.flatMap((branch) => (typeof branch.const === 'string' ? [branch.const] : []))
  if (schema.anyOf && words?.length === schema.anyOf.length) return { type: 'string', enum: words }
  const { properties, patternProperties, additionalProperties: others, items, anyOf, ...own } = schema
  return {
    ...own,
    ...(properties ? { properties: eachNode(properties) } : {}),
    ...(patternProperties ? { patternProperties: eachNode(patternProperties) } : {}),
    ...(others === undefined
      ? {}
      : { additionalProperties: typeof others === 'object' ? schemaNode(others) : others }),
    ...(items ? { items: schemaNode(items) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(schemaNode) } : {}),
  }
}

function eachNode(nodes: Readonly<Record<string, SchemaNode>>): Readonly<Record<string, SchemaNode>> {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, schemaNode(node)]))
}
