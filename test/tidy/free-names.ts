/**
 * The names a file uses without importing or binding them: what it takes from the platform.
 * An approximation by file, not by scope: a name bound anywhere in a file counts as its own, unless by `declare`.
 */
import type { ParamPattern } from 'oxc-parser'
import type { SourceFile } from './source-file.js'

/** A use of a name. */
export interface NameUse {
  readonly name: string
  readonly start: number
}

/** Uses of names that the file neither imports nor binds. */
export function freeNames(file: SourceFile): NameUse[] {
  const labels = labelStarts(file)
  const bound = ownNames(file)
  const uses: NameUse[] = []
  file.visit({
    Identifier: ({ name, start }) => {
      if (!labels.has(start) && !bound.has(name)) uses.push({ name, start })
    },
  })
  return uses
}

/** Where an identifier is only the name of a property. */
function labelStarts(file: SourceFile): Set<number> {
  const starts = new Set<number>()
  const addKey = (node: { computed: boolean; key: { start: number }; shorthand?: boolean }): void => {
    if (!node.computed && node.shorthand !== true) starts.add(node.key.start)
  }
  file.visit({
    MemberExpression: ({ computed, property }) => {
      if (!computed) starts.add(property.start)
    },
    Property: addKey,
    PropertyDefinition: addKey,
    MethodDefinition: addKey,
    TSPropertySignature: addKey,
    TSMethodSignature: addKey,
  })
  return starts
}

function ownNames(file: SourceFile): Set<string> {
  const names = new Set<string>()
  const bind = (patterns: readonly ParamPattern[]): void => {
    for (const name of patterns.flatMap(boundNames)) names.add(name)
  }
  const bindParams = ({ params }: { params: readonly ParamPattern[] }): void => bind(params)
  file.visit({
    ImportDeclaration: ({ specifiers }) => bind(specifiers.map(({ local }) => local)),
    VariableDeclaration: ({ declare, declarations }) => {
      if (declare !== true) bind(declarations.map(({ id }) => id))
    },
    FunctionDeclaration: ({ id, params }) => bind(id === null ? params : [id, ...params]),
    FunctionExpression: bindParams,
    ArrowFunctionExpression: bindParams,
    TSEmptyBodyFunctionExpression: bindParams,
    TSFunctionType: bindParams,
    TSMethodSignature: bindParams,
  })
  return names
}

function boundNames(pattern: ParamPattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) =>
        boundNames(part.type === 'RestElement' ? part.argument : part.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)))
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    case 'TSParameterProperty':
      return boundNames(pattern.parameter)
  }
}
