import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;

/** The other calls, one after the other: reading, writing, deleting, counting, and what each refuses. */
final class CallFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/calls");
            reading(facts, client, root);
            writing(facts, client, root);
            deleting(facts, client, root);
            counting(facts, client, root);
            serverCalls(facts, client, root);
        }
    }

    private void reading(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        client.create(root + "/a");
        client.set(root + "/a", "hello");
        Stat read = new Stat();
        facts.of("getData", () -> zk.getData(root + "/a", false, read));
        facts.that("getData has the Stat", read);
        facts.of("exists", () -> zk.exists(root + "/a", false));
        facts.of("exists without a znode", () -> zk.exists(root + "/none", false));
        facts.of("getData without a znode", () -> zk.getData(root + "/none", false, null));
        facts.of("getChildren without a znode", () -> zk.getChildren(root + "/none", false));
        Stat listed = new Stat();
        facts.of("getChildren", () -> zk.getChildren(root, false, listed));
        facts.that("getChildren has the Stat", listed);
        facts.of("getChildren of a leaf", () -> zk.getChildren(root + "/a", false));
        facts.of("the Stat of the reserved znodes", () -> zk.exists("/zookeeper", false));
        facts.of("and of the config", () -> zk.exists("/zookeeper/config", false));
        facts.of("a bad path", () -> zk.getData("relative", false, null));
    }

    private void writing(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        facts.of("setData", () -> zk.setData(root + "/a", Client.bytes("v2"), 1));
        facts.of("setData with an old version", () -> zk.setData(root + "/a", Client.bytes("v3"), 1));
        facts.of("setData with any version", () -> zk.setData(root + "/a", Client.bytes("v3"), -1));
        facts.of("setData with version -2", () -> zk.setData(root + "/a", Client.bytes("v3"), -2));
        facts.of("setData to nothing", () -> zk.setData(root + "/a", null, -1));
        facts.of("setData without a znode", () -> zk.setData(root + "/none", null, -1));
        facts.of("setData of the root", () -> zk.setData("/", new byte[0], -1).getDataLength());
    }

    private void deleting(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        client.create(root + "/a/b");
        facts.of("delete with children", () -> deleted(zk, root + "/a", -1));
        facts.of("delete with an old version", () -> deleted(zk, root + "/a/b", 3));
        facts.of("delete", () -> deleted(zk, root + "/a/b", 0));
        facts.of("delete again", () -> deleted(zk, root + "/a/b", -1));
        facts.of("delete without a parent", () -> deleted(zk, root + "/none/b", -1));
        facts.of("delete the root", () -> deleted(zk, "/", -1));
        facts.of("delete a reserved znode", () -> deleted(zk, "/zookeeper/quota", -1));
        facts.of("the parent afterwards", () -> zk.exists(root + "/a", false));
    }

    private void counting(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        client.create(root + "/n");
        client.create(root + "/n/e", CreateMode.EPHEMERAL);
        client.create(root + "/n/p");
        client.create(root + "/n/p/f", CreateMode.EPHEMERAL);
        facts.of("getAllChildrenNumber", () -> zk.getAllChildrenNumber(root));
        facts.of("getAllChildrenNumber of a leaf", () -> zk.getAllChildrenNumber(root + "/n/e"));
        facts.of("getAllChildrenNumber without a znode", () -> zk.getAllChildrenNumber(root + "/none"));
        facts.of("getEphemerals", () -> sorted(zk.getEphemerals()));
        facts.of("getEphemerals of a prefix", () -> sorted(zk.getEphemerals(root + "/n/p")));
        facts.of("getEphemerals of half a name", () -> sorted(zk.getEphemerals(root.substring(0, 4))));
        facts.of("getEphemerals of nothing", () -> zk.getEphemerals("/none"));
        try (Client another = Client.to(facts.server)) {
            facts.of("getEphemerals of another session", () -> another.zk.getEphemerals());
        }
    }

    private void serverCalls(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        facts.of("whoAmI", client::identities);
        zk.addAuthInfo("digest", Client.bytes("me:secret"));
        facts.of("whoAmI with an identity", client::identities);
        facts.of("getConfig", () -> zk.getConfig(false, null));
        EventLog log = new EventLog();
        for (String path : new String[] { root, root + "/none" }) {
            zk.sync(path, (rc, told, context) -> log.add(rc + " " + told), null);
        }
        log.await("two answers", answers -> answers.size() == 2);
        facts.that("sync", log.take());
        try (ZooKeeperAdmin admin = new ZooKeeperAdmin(facts.server, 20_000, event -> { })) {
            facts.of("reconfig", () -> admin.reconfigure((String) null, "1", null, -1, null));
        }
    }

    private static List<String> sorted(List<String> paths) {
        return paths.stream().sorted().toList();
    }

    private static String deleted(ZooKeeper zk, String path, int version) throws Exception {
        zk.delete(path, version);
        return "deleted";
    }
}
