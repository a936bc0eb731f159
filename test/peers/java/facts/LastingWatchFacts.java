import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** Persistent and recursive watches: alone, together with others, and what the later of two leaves of the earlier. */
final class LastingWatchFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client writing = Client.to(facts.server)) {
            String root = facts.begin(writing, "/lasting");
            for (AddWatchMode mode : AddWatchMode.values()) {
                try (Client watching = Client.to(facts.server)) {
                    life(facts, watching, writing, mode, root + "/" + mode.name().toLowerCase());
                }
            }
            together(facts, writing, root);
            recursion(facts, writing, root);
        }
    }

    private void life(Facts facts, Client watching, Client writing, AddWatchMode mode, String path) throws Exception {
        watching.zk.addWatch(path, watching.log.watcher("w"), mode);
        facts.that(mode + ": adding fires nothing", watching.heard());
        for (int round = 1; round <= 2; round++) {
            writing.create(path);
            writing.set(path, "1");
            writing.create(path + "/c");
            writing.create(path + "/c/d");
            writing.set(path + "/c", "1");
            writing.set(path + "/c/d", "1");
            writing.delete(path + "/c/d");
            writing.delete(path + "/c");
            writing.zk.setACL(path, Client.OPEN, -1);
            writing.delete(path);
            facts.that(mode + ": life " + round, watching.heard());
        }
        watching.zk.addWatch(path, watching.log.watcher("w2"), mode);
        writing.create(path);
        facts.that(mode + ": a second watcher", watching.heardSorted());
        watching.zk.addWatch(path, mode);
        writing.set(path, "2");
        facts.that(mode + ": the default watcher as well", watching.heardSorted());
    }

    private interface Leave {
        void on(ZooKeeper zk, String path, Watcher watcher) throws Exception;
    }

    private record Kind(String name, Leave leave) {}

    private static final List<Kind> KINDS = List.of(
        new Kind("data", (zk, path, watcher) -> zk.getData(path, watcher, null)),
        new Kind("exists", (zk, path, watcher) -> zk.exists(path, watcher)),
        new Kind("child", (zk, path, watcher) -> zk.getChildren(path, watcher)),
        new Kind("persistent", (zk, path, watcher) -> zk.addWatch(path, watcher, AddWatchMode.PERSISTENT)),
        new Kind("recursive", (zk, path, watcher) -> zk.addWatch(path, watcher, AddWatchMode.PERSISTENT_RECURSIVE)));

    /** Every ordered pair of kinds on one path, then each change twice. */
    private void together(Facts facts, Client writing, String root) throws Exception {
        for (Kind first : KINDS) {
            for (Kind second : KINDS) {
                if (first.equals(second)) continue;
                try (Client watching = Client.to(facts.server)) {
                    String path = writing.create(root + "/" + first.name() + "-" + second.name());
                    first.leave().on(watching.zk, path, watching.log.watcher("first"));
                    second.leave().on(watching.zk, path, watching.log.watcher("second"));
                    facts.that(first.name() + " then " + second.name(), brief(changed(watching, writing, path), path));
                }
            }
        }
    }

    private static String brief(List<List<String>> heard, String path) {
        return heard.toString().replace(path, "N").replace("first ", "1 ").replace("second ", "2 ");
    }

    private static List<List<String>> changed(Client watching, Client writing, String path) throws Exception {
        writing.set(path, "1");
        List<String> data = watching.heardSorted();
        writing.set(path, "2");
        List<String> dataAgain = watching.heardSorted();
        writing.create(path + "/c");
        List<String> child = watching.heardSorted();
        writing.delete(path + "/c");
        List<String> childAgain = watching.heardSorted();
        writing.delete(path);
        return List.of(data, dataAgain, child, childAgain, watching.heardSorted());
    }

    private void recursion(Facts facts, Client writing, String root) throws Exception {
        try (Client watching = Client.to(facts.server)) {
            String path = writing.create(root + "/deep");
            watching.zk.addWatch("/", watching.log.watcher("all"), AddWatchMode.PERSISTENT_RECURSIVE);
            watching.zk.addWatch(path, watching.log.watcher("deep"), AddWatchMode.PERSISTENT_RECURSIVE);
            writing.create(path + "/a");
            writing.create(root + "/deeper");
            facts.that("a name is not its beginning", watching.heardSorted());
            writing.create(path + "/a/b");
            writing.create(path + "/a/b/c");
            writing.set(path + "/a/b/c", "1");
            facts.that("two recursive watches above", watching.heardSorted());
            watching.zk.getChildren(path + "/a", watching.log.watcher("child"));
            writing.create(path + "/a/x");
            facts.that("a child watch below a recursive one", watching.heardSorted());
        }
        try (Client watching = Client.to(facts.server)) {
            facts.of("addWatch of a bad path", () -> {
                watching.zk.addWatch("//", watching.log.watcher("w"), AddWatchMode.PERSISTENT);
                return "added";
            });
            AsyncCallback.VoidCallback added = (rc, path, context) -> watching.log.add("added " + rc + " " + path);
            watching.zk.addWatch(root + "/slow", watching.log.watcher("w"), AddWatchMode.PERSISTENT, added, null);
            facts.that("addWatch with a callback", watching.heard());
        }
    }
}
