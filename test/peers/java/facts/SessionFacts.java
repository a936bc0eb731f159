import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;

/** Sessions: timeouts, closing, resuming, taking over, wrong passwords. */
final class SessionFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client other = Client.to(facts.server)) {
            String root = facts.begin(other, "/session");
            timeouts(facts);
            closing(facts, other, root);
            resuming(facts, other, root);
            takingOver(facts, other, root);
            tooLarge(facts, other, root);
            refused(facts, other, root);
        }
    }

    private void timeouts(Facts facts) throws Exception {
        for (int askedMs : new int[] { 300, 401, 5_000, 100_000_000 }) {
            try (Client client = Client.to(facts.server, askedMs)) {
                facts.that("the timeout for " + askedMs, client.zk.getSessionTimeout());
            }
        }
        try (Client client = Client.readOnlyTo(facts.server)) {
            facts.that("content with reading, it is", client.zk.getState());
            facts.that("its password has bytes", client.zk.getSessionPasswd().length);
        }
    }

    private void closing(Facts facts, Client other, String root) throws Exception {
        Client client = Client.to(facts.server);
        String path = client.create(root + "/e", CreateMode.EPHEMERAL);
        other.zk.exists(path, other.log.watcher("w"));
        client.zk.close();
        client.log.await("default Closed");
        facts.that("closing", client.log.take());
        facts.that("its ephemerals", other.heard());
        facts.of("a call afterwards", () -> client.zk.exists("/", false));
        facts.that("its state", client.zk.getState());
        try (Client late = resuming(facts, client)) {
            late.log.await("default Expired");
            facts.that("resuming a closed session", late.log.take().get(0));
        }
    }

    private void resuming(Facts facts, Client other, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server); Client client = Client.to(proxy.connectString())) {
            client.zk.addAuthInfo("digest", Client.bytes("me:pw"));
            String path = client.create(root + "/secret", Ids.CREATOR_ALL_ACL);
            client.create(root + "/mine", CreateMode.EPHEMERAL);
            client.zk.getData(path, client.log.watcher("w"), null);
            proxy.cut();
            client.log.await("default Disconnected");
            facts.of("a call without a connection", () -> client.zk.exists("/", false));
            try (Client resumed = resuming(facts, client)) {
                resumed.awaitState("default SyncConnected");
                facts.that("it is the same session", resumed.zk.getSessionId() == client.zk.getSessionId());
                facts.of("with its ephemerals", () -> resumed.zk.getEphemerals(root));
                facts.of("without its identities", () -> resumed.zk.getData(path, false, null));
                resumed.zk.addAuthInfo("digest", Client.bytes("me:pw"));
                resumed.set(path, "new");
                facts.that("and without its watches", resumed.heard());
            }
            facts.of("closing it ends the session", () -> other.zk.exists(root + "/mine", false));
            proxy.restore();
            client.log.await("default Expired");
            facts.of("for its first owner too", () -> client.zk.exists("/", false));
        }
    }

    /** The second connection of a session ends the first; its owner would dial again, so its line is cut by then. */
    private void takingOver(Facts facts, Client other, String root) throws Exception {
        try (CutProxy proxy = new CutProxy(facts.server); Client client = Client.to(proxy.connectString())) {
            String path = client.create(root + "/kept", CreateMode.EPHEMERAL);
            proxy.hold();
            try (Client second = resuming(facts, client)) {
                second.awaitState("default SyncConnected");
                proxy.cut();
                facts.of("the second has it", () -> second.zk.getEphemerals(root));
                second.zk.exists(path, second.log.watcher("w"));
                other.delete(path);
                facts.that("and its watches fire", second.heard());
            }
        }
    }

    /** A request over the limit of a frame breaks the connection, and no more. */
    private void tooLarge(Facts facts, Client other, String root) throws Exception {
        try (Client client = Client.to(facts.server)) {
            long sessionId = client.zk.getSessionId();
            String path = root + "/large";
            facts.of("a request of two million bytes", () ->
                client.zk.create(path, new byte[2_000_000], Client.OPEN, CreateMode.PERSISTENT));
            facts.of("leaves no znode", () -> calmly(client, path));
            facts.that("and the session", client.zk.getSessionId() == sessionId);
            facts.that("which hears", client.heard());
        }
    }

    private void refused(Facts facts, Client other, String root) throws Exception {
        try (Client owner = Client.to(facts.server)) {
            owner.create(root + "/owned", CreateMode.EPHEMERAL);
            owner.zk.exists(root + "/owned", owner.log.watcher("w"));
            byte[] wrong = owner.zk.getSessionPasswd().clone();
            wrong[3] ^= 1;
            try (Client stranger = Client.resuming(facts.server, owner.zk.getSessionId(), wrong)) {
                stranger.log.await("default Expired");
                facts.that("a wrong password", stranger.log.take().get(0));
                facts.of("is the end", () -> stranger.zk.exists("/", false));
            }
            facts.of("the owner goes on", () -> calmly(owner, root + "/owned") != null);
            facts.that("and heard", owner.heardSorted());
        }
        try (Client stranger = Client.resuming(facts.server, 0x1234_5678_9abcL, new byte[16])) {
            stranger.log.await("default Expired");
            facts.that("a session that never was", stranger.log.take().get(0));
        }
        facts.of("the others heard nothing", other::heard);
    }

    private static Client resuming(Facts facts, Client client) throws Exception {
        return Client.resuming(facts.server, client.zk.getSessionId(), client.zk.getSessionPasswd());
    }

    /** Asks again while its connection is broken. */
    private static Object calmly(Client client, String path) throws Exception {
        for (int each = 0; each < 100; each++) {
            try {
                return client.zk.exists(path, false);
            } catch (KeeperException.ConnectionLossException broken) {
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("no connection");
    }
}
