import { Type, type Static } from '@sinclair/typebox'
import { InputError, readJsonInput } from '../input/json-input.ts'

const KnownFailureSchema = Type.Object(
  {
    check: Type.String({ minLength: 1, description: 'Id of the check.' }),
    verdict: Type.Union([Type.Literal('fail'), Type.Literal('could-not-run')], {
      description: 'What comes of it; could-not-run where the failure of another check is in its way.',
    }),
    reason: Type.String({
      pattern: '\\S',
      description: 'Why it is known and not mended yet: for whoever reads the file later.',
    }),
  },
  { additionalProperties: false, description: 'A check that is known not to pass.' },
)

/** Schema of a baseline file, from which the type and the published JSON Schema are made. */
export const BaselineSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'Where this schema is, for editors.' })),
    format: Type.Literal(1, { description: 'Version of this format.' }),
    failures: Type.Array(KnownFailureSchema, { description: 'One entry for each check.' }),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://parley-protocol.org/schemas/conformance/1/baseline.schema.json',
    title: 'Parley conformance baseline',
    description: 'What a server is known to fail: the file of --expect.',
    additionalProperties: false,
  },
)

/** What a server is known to fail. @interface */
export type Baseline = Readonly<Static<typeof BaselineSchema>>

/**
 * Reads a baseline file.
 *
 * @param checks - Ids of every check that there is.
 * @throws {@link InputError} when it is not one, has a check that does not exist, or one twice.
 */
export async function readBaseline(path: string, checks: ReadonlySet<string>): Promise<Baseline> {
  const baseline = await readJsonInput(path, BaselineSchema, 'the file of known failures')
  const seen = new Set<string>()
  for (const { check } of baseline.failures) {
    const fault = seen.has(check)
      ? 'it is listed twice'
      : checks.has(check)
        ? undefined
        : 'no such check is known'
    if (fault !== undefined) {
      throw new InputError(`Cannot expect the failure of "${check}", from "${path}": ${fault}`)
    }
    seen.add(check)
  }
  return baseline
}
