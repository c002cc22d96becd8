/** As much of a task of vitest as is read here; its types differ between the major versions. */
interface Task {
  readonly type: string
  readonly name: string
  readonly mode: string
  readonly tasks?: readonly Task[]
}

/**
 * Names of the tests that are to run, as opposed to those that a name filter or `.only` leaves out.
 *
 * @param values - What vitest hands to a `beforeAll` hook, the suite among it.
 * @returns `undefined` when no suite is among the values.
 */
export function wantedTests(values: readonly unknown[]): ReadonlySet<string> | undefined {
  const suite = values.find(isSuite)
  return suite && new Set(testsIn(suite))
}

function testsIn({ tasks = [] }: Task): string[] {
  return tasks
    .filter(({ mode }) => mode !== 'skip' && mode !== 'todo')
    .flatMap((task) => (task.type === 'suite' ? testsIn(task) : [task.name]))
}

function isSuite(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'tasks' in value && Array.isArray(value.tasks)
}
