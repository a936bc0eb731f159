import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;

/** Containers and znodes with a TTL: which of them the server removes, and who hears of it. */
final class SweepFacts implements Section {
    private static final long TTL_MS = 700;

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/sweep");
            containers(facts, client, root);
            ttls(facts, client, root);
        }
    }

    private void containers(Facts facts, Client client, String root) throws Exception {
        String fresh = client.create(root + "/fresh", CreateMode.CONTAINER);
        String used = client.create(root + "/used", CreateMode.CONTAINER);
        String full = client.create(root + "/full", CreateMode.CONTAINER);
        client.create(full + "/c");
        client.create(used + "/c", CreateMode.EPHEMERAL);
        client.zk.exists(used, client.log.watcher("w"));
        client.zk.getChildren(root, client.log.watcher("parent"));
        client.delete(used + "/c");
        client.log.await("w NodeDeleted " + used);
        facts.that("a container without children goes", client.heard());
        facts.of("one that never had any stays", () -> client.zk.exists(fresh, false) != null);
        facts.of("one that has some stays", () -> client.zk.exists(full, false) != null);
    }

    private void ttls(Facts facts, Client client, String root) throws Exception {
        String parent = ttl(client, root + "/parent");
        client.create(parent + "/c");
        String brief = ttl(client, root + "/brief");
        client.zk.exists(brief, client.log.watcher("w"));
        client.log.await("w NodeDeleted " + brief);
        facts.that("a TTL that is over", client.heard());
        facts.of("with a child it stays", () -> client.zk.exists(parent, false) != null);
        client.zk.exists(parent, client.log.watcher("w"));
        client.delete(parent + "/c");
        client.log.await("w NodeDeleted " + parent);
        facts.that("until the child goes", client.heard());
    }

    private static String ttl(Client client, String path) throws Exception {
        return client.zk.create(path, null, Client.OPEN, CreateMode.PERSISTENT_WITH_TTL, new Stat(), TTL_MS);
    }
}
