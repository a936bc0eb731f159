/** Nothing: what an import costs before there is anything in it. */
export {}
