import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** One-shot watches: data, exists and child against every kind of change, by the same client and by another. */
final class StandardWatchFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client watching = Client.to(facts.server); Client writing = Client.to(facts.server)) {
            String root = facts.begin(watching, "/standard");
            matrix(facts, watching, writing, root);
            combinations(facts, watching, writing, root);
            registrations(facts, watching, writing, root);
            ephemerals(facts, watching, root);
        }
    }

    private interface Change {
        void of(Client client, String path) throws Exception;
    }

    private interface Watch {
        void leave(Client client, String path) throws Exception;
    }

    private static Map<String, Change> changes() {
        Map<String, Change> changes = new TreeMap<>();
        changes.put("create", (client, path) -> client.create(path));
        changes.put("setData", (client, path) -> client.set(path, "new"));
        changes.put("setData twice", (client, path) -> {
            client.set(path, "new");
            client.set(path, "newer");
        });
        changes.put("delete", (client, path) -> client.delete(path));
        changes.put("setACL", (client, path) -> client.zk.setACL(path, Client.OPEN, -1));
        changes.put("create a child", (client, path) -> client.create(path + "/c"));
        changes.put("change a child", (client, path) -> {
            client.create(path + "/c");
            client.set(path + "/c", "new");
            client.delete(path + "/c");
        });
        changes.put("a failed write", (client, path) -> {
            try {
                client.zk.setData(path, null, 77);
            } catch (KeeperException.BadVersionException | KeeperException.NoNodeException refused) {
                return;
            }
        });
        return changes;
    }

    private static Map<String, Watch> watches() {
        Map<String, Watch> watches = new TreeMap<>();
        watches.put("exists", (client, path) -> client.zk.exists(path, client.log.watcher("w")));
        watches.put("data", (client, path) -> client.zk.getData(path, client.log.watcher("w"), null));
        watches.put("child", (client, path) -> client.zk.getChildren(path, client.log.watcher("w")));
        return watches;
    }

    private void matrix(Facts facts, Client watching, Client writing, String root) throws Exception {
        int number = 0;
        for (Map.Entry<String, Watch> watch : watches().entrySet()) {
            for (Map.Entry<String, Change> change : changes().entrySet()) {
                boolean isMissing = change.getKey().equals("create");
                if (isMissing && !watch.getKey().equals("exists")) continue;
                String path = root + "/m" + ++number;
                if (!isMissing) writing.create(path);
                watch.getValue().leave(watching, path);
                change.getValue().of(writing, path);
                facts.that(watch.getKey() + ": " + change.getKey(), watching.heard());
            }
        }
    }

    private void combinations(Facts facts, Client watching, Client writing, String root) throws Exception {
        ZooKeeper zk = watching.zk;
        EventLog log = watching.log;
        String path = writing.create(root + "/combined");
        Watcher one = log.watcher("one");
        zk.getData(path, one, null);
        zk.exists(path, one);
        writing.set(path, "1");
        facts.that("one watcher, data and exists", watching.heard());
        zk.getData(path, log.watcher("a"), null);
        zk.exists(path, log.watcher("b"));
        writing.set(path, "2");
        facts.that("two watchers of one kind", watching.heardSorted());
        zk.getData(path, log.watcher("data"), null);
        zk.getChildren(path, log.watcher("child"));
        zk.getChildren(root, log.watcher("parent"));
        writing.delete(path);
        facts.that("data, child and the parent's child watch at a delete", watching.heardSorted());
        zk.exists(path, log.watcher("exists"));
        zk.getChildren(root, log.watcher("parent"));
        writing.zk.multi(List.of(create(path), Op.setData(path, null, -1), Op.delete(path, -1)));
        facts.that("a multi uses each watch once", watching.heard());
        zk.exists(path, log.watcher("own"));
        watching.create(path);
        facts.that("an own write fires too", watching.heard());
        zk.exists(path, true);
        writing.delete(path);
        facts.that("the default watcher", watching.heard());
        zk.exists("/", log.watcher("root data"));
        zk.getChildren("/", log.watcher("root child"));
        writing.create("/standard-2");
        writing.set("/", "");
        facts.that("watches on the root", watching.heard());
    }

    private void registrations(Facts facts, Client watching, Client writing, String root) throws Exception {
        ZooKeeper zk = watching.zk;
        String path = root + "/late";
        facts.outcome(() -> zk.getData(path, watching.log.watcher("data"), null));
        facts.outcome(() -> zk.getChildren(path, watching.log.watcher("child")));
        writing.create(path);
        writing.set(path, "1");
        facts.that("a failed read leaves no watch", watching.heard());
        zk.getData(path, watching.log.watcher("again"), null);
        zk.getData(path, watching.log.watcher("again"), null);
        writing.set(path, "2");
        facts.that("a watch per watcher and one event from the server", watching.heard());
        watching.zk.exists(path, watching.log.watcher("closed"));
        try (Client closing = Client.to(facts.server)) {
            closing.zk.exists(path, closing.log.watcher("gone"));
        }
        writing.set(path, "3");
        facts.that("a closed client's watch is gone", watching.heard());
        watching.zk.getConfig(watching.log.watcher("config"), null);
        facts.of("the config cannot be written", () -> writing.set("/zookeeper/config", "x"));
        facts.that("and fires nothing", watching.heard());
    }

    private void ephemerals(Facts facts, Client watching, String root) throws Exception {
        ZooKeeper zk = watching.zk;
        try (Client leaving = Client.to(facts.server)) {
            for (String name : List.of("/e1", "/e2", "/e3")) {
                leaving.create(root + name, CreateMode.EPHEMERAL);
                zk.exists(root + name, watching.log.watcher("w"));
            }
            leaving.zk.exists(root + "/e1", leaving.log.watcher("own"));
            zk.addWatch(root, watching.log.watcher("p"), AddWatchMode.PERSISTENT);
            leaving.zk.close();
            leaving.log.await("default Closed");
            facts.that("a closing client hears of its own", leaving.log.take().stream().sorted().toList());
        }
        facts.that("ephemerals of a closed session", watching.heardSorted());
        facts.of("all under one zxid", () -> zk.exists(root, false));
    }

    private static Op create(String path) {
        return Op.create(path, null, Client.OPEN, CreateMode.PERSISTENT);
    }
}
