import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'

/** By how much a client's number differs from the server's. */
const difference = 86

/** The parameters of each capability, as a welcome names them. */
type Parameters = Readonly<Record<string, Wire>>

/** A parameter that no server has. */
const vendorName = 'com.example.parley-test'

/** What a new client is welcomed with that names all that is offered, and no parameter of its own. */
async function welcomed(t: CheckContext): Promise<{ parameters: Parameters; text: string }> {
  const capabilities = Object.fromEntries([...t.target.offered.names].map((name) => [name, {}]))
  const { welcome, log } = await t.client({ anonymous: true, hello: { capabilities } })
  return { parameters: (welcome['capabilities'] ?? {}) as Parameters, text: log[0]?.text ?? '' }
}

/** The same parameters with other values, and one more of a name that nobody has. */
function otherThan(parameters: Wire): Wire {
  const others = Object.entries(parameters).flatMap(([name, value]): [string, unknown][] => {
    if (typeof value === 'number') return [[name, value + difference]]
    return typeof value === 'boolean' ? [[name, !value]] : []
  })
  return { ...Object.fromEntries(others), [vendorName]: difference }
}

/** The parameters of a capability are the server's to say: those in one client's hello are nobody else's. */
async function keepsItsParameters(t: CheckContext): Promise<void> {
  if (t.target.offered.names.size === 0) t.notApplicable('The server offers no capability')
  const before = await presupposing('capabilities.unknown-ignored', welcomed(t))
  const named = Object.fromEntries(
    Object.entries(before.parameters).map(([name, parameters]) => [name, otherThan(parameters)]),
  )
  const a = await t.open()
  const id = a.nextId()
  const hello = JSON.stringify({ type: 'hello', id, versions: [1], capabilities: named })
  a.sendText(hello)
  // Whatever becomes of it.
  await a.outcome(id)
  const after = await welcomed(t)
  for (const [capability, parameters] of Object.entries(named)) {
    const taken = Object.entries(parameters).find(
      ([name, value]) => after.parameters[capability]?.[name] === value,
    )
    if (!taken) continue
    const [name, value] = taken
    throw new CheckFailure(
      `the server's own parameters of ${capability} in welcome, whatever another client's hello has named`,
      `${name} is ${String(value)}, as in a hello of another client`,
    ).shownBy(hello, after.text)
  }
}

/** The check of parameters that a client names. */
export const namedParameterCheck: Check = check(
  'frames.others-unharmed',
  'parameters of capabilities in a hello change nothing for others',
  keepsItsParameters,
  { name: 'parameters', hostile: true },
)
