/** Looks at the packed package the way resolvers and compilers do: publint, then arethetypeswrong. */
import { run } from './run.js'
import { withTarball } from './with-tarball.js'

withTarball((tarball) => {
  run('npx', ['publint', 'run', '--strict', tarball])
  run('npx', ['attw', '--profile', 'node16', '--no-emoji', tarball])
})
