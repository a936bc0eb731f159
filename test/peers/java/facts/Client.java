import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/** The official client with the log of all that it hears; its default watcher has the name "default". */
final class Client implements AutoCloseable {
    static final List<ACL> OPEN = ZooDefs.Ids.OPEN_ACL_UNSAFE;
    private static final int TIMEOUT_MS = 20_000;
    private static final String CONNECTED = "default SyncConnected";

    final EventLog log = new EventLog();
    final ZooKeeper zk;

    private Client(Dial dial) throws Exception {
        zk = dial.with(log.watcher("default"));
    }

    private interface Dial {
        ZooKeeper with(Watcher watcher) throws Exception;
    }

    /** Connected when it returns. */
    static Client to(String connectString) throws Exception {
        return to(connectString, TIMEOUT_MS);
    }

    static Client to(String connectString, int timeoutMs) throws Exception {
        return connected(new Client(watcher -> new ZooKeeper(connectString, timeoutMs, watcher)));
    }

    /** One that would be content with a server in read-only mode. */
    static Client readOnlyTo(String connectString) throws Exception {
        return connected(new Client(watcher -> new ZooKeeper(connectString, TIMEOUT_MS, watcher, true)));
    }

    /** Asks for a session that was there before, and does not wait for the answer. */
    static Client resuming(String connectString, long sessionId, byte[] password) throws Exception {
        return new Client(watcher -> new ZooKeeper(connectString, TIMEOUT_MS, watcher, sessionId, password));
    }

    private static Client connected(Client client) throws Exception {
        client.awaitState(CONNECTED);
        return client;
    }

    /** Waits until the default watcher has heard a state, and forgets what came up to now. */
    void awaitState(String state) throws Exception {
        log.await(state);
        log.take();
    }

    /** Returns when all that the server sent before now has been delivered. */
    void settle() throws Exception {
        CountDownLatch delivered = new CountDownLatch(1);
        zk.sync("/", (rc, path, context) -> delivered.countDown(), null);
        if (!delivered.await(TIMEOUT_MS, TimeUnit.MILLISECONDS)) throw new TimeoutException("sync");
    }

    /** All that was heard since the last time, in its order. */
    List<String> heard() throws Exception {
        settle();
        return log.take();
    }

    /** The same where watchers are called in no particular order. */
    List<String> heardSorted() throws Exception {
        return heard().stream().sorted().toList();
    }

    String create(String path) throws KeeperException, InterruptedException {
        return create(path, CreateMode.PERSISTENT);
    }

    String create(String path, CreateMode mode) throws KeeperException, InterruptedException {
        return zk.create(path, new byte[0], OPEN, mode);
    }

    String create(String path, List<ACL> acl) throws KeeperException, InterruptedException {
        return zk.create(path, bytes("secret"), acl, CreateMode.PERSISTENT);
    }

    Stat set(String path, String data) throws KeeperException, InterruptedException {
        return zk.setData(path, bytes(data), -1);
    }

    void delete(String path) throws KeeperException, InterruptedException {
        zk.delete(path, -1);
    }

    /** What whoAmI says, in the order of its text. */
    List<String> identities() throws InterruptedException {
        return zk.whoAmI().stream().map(info -> info.getAuthScheme() + ":" + info.getUser()).sorted().toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        zk.close();
    }
}
