import { Type, type Static } from '@sinclair/typebox'

/** Says which software speaks; for diagnosis only, nothing may depend on it. */
export const Agent = Type.Object(
  {
    name: Type.String({ description: 'Name of the software; free text.' }),
    version: Type.String({ description: 'Version of the software; free text.' }),
  },
  { title: 'Agent', description: 'The software that speaks. For diagnosis only: nothing depends on it.' },
)
/** A value of the schema of this name. */
export type Agent = Static<typeof Agent>
