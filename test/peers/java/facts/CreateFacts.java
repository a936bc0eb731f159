import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Creating: every mode, with and without Stat, what is refused. */
final class CreateFacts implements Section {
    private static final long TTL_MS = 3_600_000;

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/create");
            modes(facts, client.zk, root);
            refused(facts, client, root);
            data(facts, client.zk, root);
            names(facts, client, root);
        }
    }

    private void modes(Facts facts, ZooKeeper zk, String root) throws Exception {
        for (CreateMode mode : CreateMode.values()) {
            String path = root + "/" + mode.name().toLowerCase() + "-";
            long ttlMs = mode.isTTL() ? TTL_MS : -1;
            Stat stat = new Stat();
            byte[] data = Client.bytes("abc");
            facts.of(mode + " with Stat", () -> zk.create(path + "a", data, Client.OPEN, mode, stat, ttlMs));
            facts.that(mode + " has the Stat", stat);
            if (!mode.isTTL()) facts.of(mode + " without Stat", () -> zk.create(path + "b", null, Client.OPEN, mode));
        }
        facts.of("times are those of the clock", () -> {
            Stat stat = zk.exists(root, false);
            boolean isRecent = Math.abs(stat.getCtime() - System.currentTimeMillis()) < 60_000;
            return isRecent && stat.getMtime() == stat.getCtime();
        });
        facts.of("the parent", () -> zk.exists(root, false));
        facts.of("its children", () -> zk.getChildren(root, false).stream().sorted().toList());
        facts.of("its ephemerals", () -> zk.getEphemerals(root).stream().sorted().toList());
    }

    private void refused(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        String ephemeral = client.create(root + "/eph", CreateMode.EPHEMERAL);
        facts.of("what is there", () -> client.create(root));
        facts.of("without a parent", () -> client.create(root + "/none/x"));
        facts.of("below an ephemeral", () -> client.create(ephemeral + "/x"));
        facts.of("the root", () -> client.create("/"));
        facts.of("an empty ACL", () -> zk.create(root + "/x", null, Collections.emptyList(), CreateMode.PERSISTENT));
        facts.of("a TTL of nothing", () ->
            zk.create(root + "/x", null, Client.OPEN, CreateMode.PERSISTENT_WITH_TTL, null, 0));
        facts.of("a bad path", () -> client.create(root + "//x"));
        facts.of("in the config", () -> client.create("/zookeeper/config/x"));
        facts.of("failed creates take a zxid each", () -> {
            zk.create(root + "/after", null, Client.OPEN, CreateMode.PERSISTENT);
            return zk.exists(root + "/after", false);
        });
    }

    private void data(Facts facts, ZooKeeper zk, String root) throws Exception {
        zk.create(root + "/null", null, Client.OPEN, CreateMode.PERSISTENT);
        zk.create(root + "/empty", new byte[0], Client.OPEN, CreateMode.PERSISTENT);
        facts.of("no data", () -> zk.getData(root + "/null", false, null) == null);
        facts.of("empty data", () -> zk.getData(root + "/empty", false, null).length);
        byte[] large = new byte[1_000_000];
        Arrays.fill(large, (byte) 7);
        zk.create(root + "/large", large, Client.OPEN, CreateMode.PERSISTENT);
        facts.of("a million bytes come back", () -> Arrays.equals(large, zk.getData(root + "/large", false, null)));
        byte[] all = new byte[256];
        for (int each = 0; each < all.length; each++) all[each] = (byte) each;
        zk.create(root + "/all", all, Client.OPEN, CreateMode.PERSISTENT);
        facts.of("every byte comes back", () -> Arrays.equals(all, zk.getData(root + "/all", false, null)));
    }

    private void names(Facts facts, Client client, String root) throws Exception {
        facts.of("a name outside of ASCII", () -> client.create(root + "/äöü-漢字"));
        facts.of("is listed", () -> client.zk.getChildren(root, false).contains("äöü-漢字"));
        facts.of("a space and a dot", () -> client.create(root + "/a b.c"));
        facts.of("a character outside of the first plane", () -> client.create(root + "/\uD83D\uDE00"));
        facts.of("a control character", () -> client.create(root + "/a\u0001"));
        facts.of("a sequence in a name of its own", () -> client.create(root + "/", CreateMode.PERSISTENT_SEQUENTIAL));
        String parent = client.create(root + "/numbers");
        facts.of("the first number", () -> client.create(parent + "/n-", CreateMode.PERSISTENT_SEQUENTIAL));
        facts.of("a plain create takes a number", () -> client.create(parent + "/plain"));
        client.delete(parent + "/plain");
        facts.of("the next number", () -> client.create(parent + "/n-", CreateMode.EPHEMERAL_SEQUENTIAL));
        facts.of("their parent", () -> client.zk.exists(parent, false));
    }
}
