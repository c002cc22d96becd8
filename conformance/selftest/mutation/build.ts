import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { instrument, type CodeMutant } from './instrument.ts'
import { protocolFiles, repositoryRoot } from './subject.ts'

/** The server with all its mutants. */
export interface MutatedServer {
  /** The module that exports `createServer`. */
  readonly entry: string
  readonly mutants: readonly CodeMutant[]
}

const packages = { schemas: '@parley/schemas', 'reference-server': '@parley/reference-server' }

/**
 * Goes before the functions that Stryker puts into each file, and makes them quick: they are called for each character of a message.
 * Places that are reached are noted only while no mutant is switched on.
 */
const switches = `const stryker = (globalThis.__stryker__ ??= {})
stryMutAct_9fa48 = (id) => stryker.activeMutant === id
stryCov_9fa48 = (...ids) => {
  if (stryker.activeMutant !== undefined) return
  stryker.mutantCoverage ??= { static: {}, perTest: {} }
  for (const id of ids) stryker.mutantCoverage.static[id] = 1
}`

/** Copies the built server and its schemas to a folder of their own, with the instrumented files in place of the built ones. */
export async function buildMutatedServer(): Promise<MutatedServer> {
  const folder = join(repositoryRoot, 'node_modules/.cache/parley-mutation')
  rmSync(folder, { recursive: true, force: true })
  const homes = new Map<string, string>()
  for (const [name, packageName] of Object.entries(packages)) {
    const home = join(folder, 'node_modules', packageName)
    homes.set(name, home)
    mkdirSync(home, { recursive: true })
    cpSync(join(repositoryRoot, name, 'package.json'), join(home, 'package.json'))
    cpSync(join(repositoryRoot, name, 'dist'), join(home, 'dist'), { recursive: true })
    // What npm could not hoist, because another package wants another version.
    const own = join(repositoryRoot, name, 'node_modules')
    if (existsSync(own)) symlinkSync(own, join(home, 'node_modules'))
  }
  const { sources, mutants } = await instrument(repositoryRoot, protocolFiles())
  for (const [name, source] of sources) {
    const [workspace = '', ...rest] = name.split('/')
    const target = join(
      homes.get(workspace) ?? '',
      rest
        .join('/')
        .replace(/^src\//, 'dist/')
        .replace(/\.ts$/, '.js'),
    )
    // A file that is not there has moved, and the built server would run unmutated.
    readFileSync(target)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, quickened(transpile(source)))
  }
  return { entry: join(homes.get('reference-server') ?? '', 'dist/index.js'), mutants }
}

/** A file without mutants has no such functions. */
function quickened(text: string): string {
  return text.includes('function stryMutAct_9fa48') ? `${switches}\n${text}` : text
}

function transpile(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText
}
