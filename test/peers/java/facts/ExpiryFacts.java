import java.util.List;
import org.apache.zookeeper.CreateMode;

/** Sessions that are not heard of, and those that are. */
final class ExpiryFacts implements Section {
    private static final int TIMEOUT_MS = 2_400;
    private static final int IDLE_MS = 4_000;

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client other = Client.to(facts.server)) {
            String root = facts.begin(other, "/expiry");
            idle(facts, other, root);
            unheard(facts, other, root);
            cutOff(facts, other, root);
        }
    }

    private void idle(Facts facts, Client other, String root) throws Exception {
        try (Client client = Client.to(facts.server, TIMEOUT_MS)) {
            client.create(root + "/idle", CreateMode.EPHEMERAL);
            Thread.sleep(IDLE_MS);
            facts.that("an idle client pings", client.log.take());
            facts.of("and keeps its ephemerals", () -> other.zk.exists(root + "/idle", false) != null);
        }
    }

    private void unheard(Facts facts, Client other, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server);
                Client client = Client.to(proxy.connectString(), TIMEOUT_MS)) {
            String path = client.create(root + "/held", CreateMode.EPHEMERAL);
            client.zk.exists(path, client.log.watcher("w"));
            other.zk.exists(path, other.log.watcher("w"));
            proxy.hold();
            other.log.await("w NodeDeleted " + path);
            facts.that("a session that nobody hears of", other.heard());
            proxy.restore();
            client.log.await("w Expired");
            client.log.await("default Expired");
            facts.that("its client is told", told(client));
            facts.of("and cannot go on", () -> client.zk.exists("/", false));
            facts.that("its state", client.zk.getState());
        }
    }

    /** In no order; whether Closed still comes is a matter of luck with this client. */
    private static List<String> told(Client client) {
        return client.log.take().stream().filter(entry -> !entry.endsWith(" Closed")).distinct().sorted().toList();
    }

    private void cutOff(Facts facts, Client other, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server);
                Client client = Client.to(proxy.connectString(), TIMEOUT_MS)) {
            String path = client.create(root + "/cut", CreateMode.EPHEMERAL);
            other.zk.exists(path, other.log.watcher("w"));
            proxy.cut();
            other.log.await("w NodeDeleted " + path);
            facts.that("a session whose connection is gone", other.heard());
            try (Client next = Client.to(facts.server)) {
                facts.of("another takes the place", () -> next.create(path, CreateMode.EPHEMERAL));
                proxy.restore();
                client.log.await("default Expired");
                facts.of("and keeps it", () -> other.zk.exists(path, false) != null);
            }
        }
    }
}
