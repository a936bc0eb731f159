/**
 * Where the official Java client tells something else about zoolet than about the real server, which is 3.8.0 where zoolet does as
 * 3.9: the facts as zoolet has them, and why. docs/compatibility.md has the reasons at length.
 */

/** By the section of the program; every other fact is the same. */
export const DIFFERENCES: Readonly<
  Record<string, { readonly reason: string; readonly facts: Readonly<Record<string, string>> }>
> = {
  acl: {
    reason: 'From 3.8.4 and 3.9.2 on, exists needs READ.',
    facts: Object.fromEntries(
      [30, 2, 4, 8, 16].map((perms) => [`exists with ${perms}`, `NOAUTH for /acl/perm${perms}`]),
    ),
  },
  'lasting watches': {
    reason:
      'From 3.9.0 on, two kinds of watch live side by side on one path; before, the later one replaces the earlier.',
    facts: {
      'child then recursive':
        '[[2 NodeDataChanged N], [2 NodeDataChanged N], [1 NodeChildrenChanged N, 2 NodeChildrenChanged N, 2 NodeCreated N/c], [2 NodeDeleted N/c], [2 NodeDeleted N]]',
      'persistent then data':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N], [1 NodeChildrenChanged N], [1 NodeChildrenChanged N], [1 NodeDeleted N]]',
      'persistent then exists':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N], [1 NodeChildrenChanged N], [1 NodeChildrenChanged N], [1 NodeDeleted N]]',
      'persistent then child':
        '[[1 NodeDataChanged N], [1 NodeDataChanged N], [1 NodeChildrenChanged N, 2 NodeChildrenChanged N], [1 NodeChildrenChanged N], [1 NodeDeleted N]]',
      'persistent then recursive':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeChildrenChanged N, 2 NodeChildrenChanged N, 2 NodeCreated N/c], [1 NodeChildrenChanged N, 2 NodeChildrenChanged N, 2 NodeDeleted N/c], [1 NodeDeleted N, 2 NodeDeleted N]]',
      'recursive then data':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N], [1 NodeCreated N/c], [1 NodeDeleted N/c], [1 NodeDeleted N]]',
      'recursive then exists':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N], [1 NodeCreated N/c], [1 NodeDeleted N/c], [1 NodeDeleted N]]',
      'recursive then persistent':
        '[[1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeDataChanged N, 2 NodeDataChanged N], [1 NodeChildrenChanged N, 1 NodeCreated N/c, 2 NodeChildrenChanged N], [1 NodeChildrenChanged N, 1 NodeDeleted N/c, 2 NodeChildrenChanged N], [1 NodeDeleted N, 2 NodeDeleted N]]',
    },
  },
  'removed watches': {
    reason:
      'From 3.9.0 on, Children and Data are the one-shot kinds alone; before, they take one half of a lasting watch.',
    facts: {
      'Children of all, persistent':
        '[NOWATCHER for /removing/r10, [], [w NodeDataChanged /removing/r10, w NodeChildrenChanged /removing/r10, w NodeChildrenChanged /removing/r10, w NodeDeleted /removing/r10]]',
      'Data of all, persistent':
        '[NOWATCHER for /removing/r22, [], [w NodeDataChanged /removing/r22, w NodeChildrenChanged /removing/r22, w NodeChildrenChanged /removing/r22, w NodeDeleted /removing/r22]]',
      'Data of all, recursive':
        '[NOWATCHER for /removing/r23, [], [w NodeDataChanged /removing/r23, w NodeCreated /removing/r23/c, w NodeDeleted /removing/r23/c, w NodeDeleted /removing/r23]]',
    },
  },
  sessions: {
    reason: 'D1: a stranger with a wrong password does not cut off the owner of a session.',
    facts: {
      'and heard': '[]',
    },
  },
}
