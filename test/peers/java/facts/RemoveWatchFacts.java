import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooKeeper;

/** Removing watches: every type against every kind, one watcher or all, told by the server or in the client alone. */
final class RemoveWatchFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client writing = Client.to(facts.server)) {
            String root = facts.begin(writing, "/removing");
            int number = 0;
            for (WatcherType type : WatcherType.values()) {
                for (boolean isAll : new boolean[] { false, true }) {
                    for (String kind : KINDS) {
                        String path = writing.create(root + "/r" + ++number);
                        String name = type + (isAll ? " of all, " : " of one, ") + kind;
                        try (Client watching = Client.to(facts.server)) {
                            facts.that(name, removed(facts, watching, writing, path, new Removal(type, isAll, kind)));
                        }
                    }
                }
            }
            oneOfTwo(facts, writing, root);
            unreachable(facts, writing, root);
            withCallbacks(facts, root);
        }
    }

    private static final List<String> KINDS = List.of("data", "exists", "child", "persistent", "recursive", "none");

    private record Removal(WatcherType type, boolean isAll, String kind) {}

    /** What the removal gives, what the watcher hears of it, and what it still hears afterwards. */
    private static List<?> removed(Facts facts, Client watching, Client writing, String path, Removal removal)
            throws Exception {
        Watcher watcher = watching.log.watcher("w");
        leave(watching.zk, path, watcher, removal.kind());
        Object outcome = facts.outcome(() -> {
            if (removal.isAll()) watching.zk.removeAllWatches(path, removal.type(), false);
            else watching.zk.removeWatches(path, watcher, removal.type(), false);
            return "removed";
        });
        List<String> told = watching.heardSorted();
        writing.set(path, "1");
        writing.create(path + "/c");
        writing.delete(path + "/c");
        writing.delete(path);
        return List.of(outcome, told, watching.heard());
    }

    private static void leave(ZooKeeper zk, String path, Watcher watcher, String kind) throws Exception {
        switch (kind) {
            case "data" -> zk.getData(path, watcher, null);
            case "exists" -> zk.exists(path, watcher);
            case "child" -> zk.getChildren(path, watcher);
            case "persistent" -> zk.addWatch(path, watcher, AddWatchMode.PERSISTENT);
            case "recursive" -> zk.addWatch(path, watcher, AddWatchMode.PERSISTENT_RECURSIVE);
            default -> { }
        }
    }

    private void oneOfTwo(Facts facts, Client writing, String root) throws Exception {
        try (Client watching = Client.to(facts.server)) {
            String path = writing.create(root + "/two");
            Watcher first = watching.log.watcher("first");
            watching.zk.getData(path, first, null);
            watching.zk.getData(path, watching.log.watcher("second"), null);
            watching.zk.getChildren(path, first);
            watching.zk.removeWatches(path, first, WatcherType.Data, false);
            facts.that("one of two is told", watching.heard());
            writing.set(path, "1");
            facts.that("the other goes on", watching.heard());
            writing.create(path + "/c");
            facts.that("and so does its other kind", watching.heard());
            watching.zk.addWatch(path, first, AddWatchMode.PERSISTENT);
            watching.zk.getData(path, watching.log.watcher("data"), null);
            watching.zk.getChildren(path, watching.log.watcher("child"));
            watching.zk.removeAllWatches(path, WatcherType.Any, false);
            facts.that("all of every kind", watching.heardSorted());
            facts.of("and once more", () -> {
                watching.zk.removeAllWatches(path, WatcherType.Any, false);
                return "removed";
            });
        }
        try (Client one = Client.to(facts.server); Client another = Client.to(facts.server)) {
            String path = writing.create(root + "/sessions");
            one.zk.getData(path, one.log.watcher("w"), null);
            facts.of("a watch of another session", () -> {
                another.zk.removeAllWatches(path, WatcherType.Data, false);
                return "removed";
            });
            writing.set(path, "1");
            facts.that("which goes on", one.heard());
        }
    }

    private void unreachable(Facts facts, Client writing, String root) throws Exception {
        String path = writing.create(root + "/local");
        try (CutProxy proxy = new CutProxy(facts.server); Client watching = Client.to(proxy.connectString())) {
            Watcher watcher = watching.log.watcher("w");
            watching.zk.getData(path, watcher, null);
            proxy.cut();
            watching.log.await("w Disconnected");
            watching.log.take();
            facts.of("without a connection, not local", () -> {
                watching.zk.removeWatches(path, watcher, WatcherType.Data, false);
                return "removed";
            });
            facts.of("without a connection, local", () -> {
                watching.zk.removeWatches(path, watcher, WatcherType.Data, true);
                return "removed";
            });
            watching.log.await("w DataWatchRemoved " + path);
            watching.log.take();
            proxy.restore();
            watching.awaitState("default SyncConnected");
            writing.set(path, "1");
            facts.that("and it stays away after the reconnection", watching.heard());
        }
    }

    private void withCallbacks(Facts facts, String root) throws Exception {
        try (Client watching = Client.to(facts.server)) {
            Watcher watcher = watching.log.watcher("w");
            watching.zk.exists(root, watcher);
            watching.zk.removeWatches(root, watcher, WatcherType.Data, false, (rc, path, context) ->
                watching.log.add("removed " + rc + " " + path), null);
            watching.zk.removeAllWatches(root, WatcherType.Children, false, (rc, path, context) ->
                watching.log.add("removed all " + rc + " " + path), null);
            facts.that("with callbacks", watching.heard());
        }
    }
}
