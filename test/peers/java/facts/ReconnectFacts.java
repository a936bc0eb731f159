import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** A connection that breaks and comes back: what is caught up with, by kind of watch; identities; calls in flight. */
final class ReconnectFacts implements Section {
    private static final int MANY = 3_000;

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client writing = Client.to(facts.server)) {
            String root = facts.begin(writing, "/reconnect");
            catchUp(facts, writing, root);
            identities(facts, writing, root);
            inFlight(facts, writing, root);
            batches(facts, writing, root);
        }
    }

    private interface Write {
        void by(Client client, String path) throws Exception;
    }

    private record Change(String name, boolean isThere, Write write) {
        String path(String root) {
            return root + "/" + name.replace(' ', '-');
        }

        String watcher(String kind) {
            return name.replace(' ', '-') + ":" + kind;
        }
    }

    private static final List<Change> CHANGES = List.of(
        new Change("nothing", true, (client, path) -> { }),
        new Change("set", true, (client, path) -> client.set(path, "1")),
        new Change("set twice", true, (client, path) -> {
            client.set(path, "1");
            client.set(path, "2");
        }),
        new Change("deleted", true, (client, path) -> client.delete(path)),
        new Change("made anew", true, (client, path) -> {
            client.delete(path);
            client.create(path);
        }),
        new Change("a child", true, (client, path) -> client.create(path + "/c")),
        new Change("a child and gone", true, (client, path) -> {
            client.create(path + "/c");
            client.delete(path + "/c");
        }),
        new Change("setACL", true, (client, path) -> client.zk.setACL(path, Client.OPEN, -1)),
        new Change("created", false, (client, path) -> client.create(path)),
        new Change("created and gone", false, (client, path) -> {
            client.create(path);
            client.delete(path);
        }));

    /** All changes happen to their own znode while one client is away. */
    private void catchUp(Facts facts, Client writing, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server); Client watching = Client.to(proxy.connectString())) {
            for (Change change : CHANGES) {
                if (change.isThere()) writing.create(change.path(root));
                leaveAll(watching, change.path(root), change);
            }
            watching.settle();
            proxy.cut();
            watching.log.await("default Disconnected");
            for (Change change : CHANGES) change.write().by(writing, change.path(root));
            proxy.restore();
            watching.log.await("default SyncConnected");
            List<String> caughtUp = watching.heard();
            facts.that("its default watcher", of("default", caughtUp));
            for (Change change : CHANGES) {
                for (String kind : KINDS) facts.that(change.name() + ": " + kind, of(change.watcher(kind), caughtUp));
                changeAfterwards(writing, change.path(root));
                facts.that(change.name() + ": afterwards", watching.heardSorted());
            }
        }
    }

    private static void changeAfterwards(Client writing, String path) throws Exception {
        if (writing.zk.exists(path, false) == null) writing.create(path);
        writing.set(path, "afterwards");
        writing.create(path + "/afterwards");
        writing.create(path + "/persistent");
        writing.create(path + "/recursive");
        writing.create(path + "/recursive/x");
    }

    private static final List<String> KINDS = List.of("exists", "data", "child", "persistent", "recursive");

    private static void leaveAll(Client client, String path, Change change) throws Exception {
        ZooKeeper zk = client.zk;
        zk.exists(path, client.log.watcher(change.watcher("exists")));
        if (change.isThere()) {
            zk.getData(path, client.log.watcher(change.watcher("data")), null);
            zk.getChildren(path, client.log.watcher(change.watcher("child")));
        }
        Watcher persistent = client.log.watcher(change.watcher("persistent"));
        Watcher recursive = client.log.watcher(change.watcher("recursive"));
        zk.addWatch(path + "/persistent", persistent, AddWatchMode.PERSISTENT);
        zk.addWatch(path + "/recursive", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
    }

    private static List<String> of(String name, List<String> heard) {
        return heard.stream()
            .filter(entry -> entry.startsWith(name + " "))
            .map(entry -> entry.substring(name.length() + 1))
            .toList();
    }

    private void identities(Facts facts, Client writing, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server); Client client = Client.to(proxy.connectString())) {
            client.zk.addAuthInfo("digest", Client.bytes("me:pw"));
            String path = client.create(root + "/secret", Ids.CREATOR_ALL_ACL);
            String ephemeral = client.create(root + "/ephemeral", CreateMode.EPHEMERAL);
            long sessionId = client.zk.getSessionId();
            Watcher lasting = client.log.watcher("p");
            client.zk.addWatch(root + "/lasting", lasting, AddWatchMode.PERSISTENT);
            client.zk.addWatch(root + "/tree", client.log.watcher("r"), AddWatchMode.PERSISTENT_RECURSIVE);
            for (int round = 1; round <= 2; round++) {
                reconnected(proxy, client);
                facts.of("identities are claimed again, " + round, () -> client.zk.getData(path, false, null));
                facts.of("the ephemeral is there, " + round, () -> writing.zk.exists(ephemeral, false) != null);
                facts.that("it is the same session, " + round, client.zk.getSessionId() == sessionId);
                writing.create(root + "/lasting");
                writing.create(root + "/tree");
                writing.create(root + "/tree/leaf");
                writing.delete(root + "/tree/leaf");
                writing.delete(root + "/tree");
                writing.delete(root + "/lasting");
                facts.that("lasting watches go on, " + round, client.heard());
            }
        }
    }

    private void inFlight(Facts facts, Client writing, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server); Client client = Client.to(proxy.connectString())) {
            proxy.hold();
            client.zk.create(root + "/flight", null, Client.OPEN, CreateMode.PERSISTENT,
                (rc, path, context, name) -> client.log.add("create " + rc), null);
            client.zk.exists(root, false, (rc, path, context, stat) -> client.log.add("exists " + rc), null);
            proxy.cut();
            client.log.await("default Disconnected");
            facts.that("calls in flight", client.log.take().stream().sorted().toList());
            facts.of("were not done", () -> writing.zk.exists(root + "/flight", false));
            proxy.restore();
            client.awaitState("default SyncConnected");
            facts.of("and go through again", () -> client.create(root + "/flight"));
        }
    }

    /** More paths than fit into one request that restores watches. */
    private void batches(Facts facts, Client writing, String root) throws Exception {
        String parent = writing.create(root + "/" + "long-name-".repeat(9));
        try (CutProxy proxy = new CutProxy(facts.server); Client client = Client.to(proxy.connectString())) {
            for (int each = 0; each < MANY; each++) {
                client.zk.exists(parent + "/n" + each, client.log.watcher("w"), (rc, path, context, stat) -> { }, null);
            }
            client.settle();
            proxy.cut();
            client.log.await("default Disconnected");
            for (int each : new int[] { 0, MANY / 2, MANY - 1 }) writing.create(parent + "/n" + each);
            proxy.restore();
            client.log.await("default SyncConnected");
            facts.that("of " + MANY + " watches", changes(client, parent));
            writing.create(parent + "/n7");
            facts.that("the others are there", changes(client, parent));
        }
    }

    /** The changes heard of, in the order of their text, without the parent's path. */
    private static List<String> changes(Client client, String parent) throws Exception {
        return client.heard().stream()
            .filter(entry -> entry.contains(" Node"))
            .map(entry -> entry.replace(parent, ""))
            .sorted()
            .toList();
    }

    private static void reconnected(CutProxy proxy, Client client) throws Exception {
        proxy.cut();
        client.log.await("default Disconnected");
        proxy.restore();
        client.awaitState("default SyncConnected");
        client.heard();
    }
}
