import java.util.List;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.StatsTrack;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.cli.SetQuotaCommand;

/** Quotas as the official tools set them, on a server that enforces the hard ones. */
final class QuotaFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/quota");
            client.create(root + "/before");
            set(client.zk, root, track -> track.setCountHardLimit(4));
            facts.of("the limits", () -> data(client.zk, root, "limits"));
            facts.of("the statistics", () -> data(client.zk, root, "stats"));
            facts.of("up to the count", () -> client.create(root + "/a"));
            facts.of("up to it again", () -> client.create(root + "/b"));
            facts.of("over the count", () -> client.create(root + "/c"));
            facts.of("in a multi", () -> client.zk.multi(List.of(
                Op.create(root + "/c", null, Client.OPEN, CreateMode.PERSISTENT))));
            facts.of("setData is not counted", () -> client.set(root + "/a", "12345"));
            facts.of("what is used", () -> data(client.zk, root, "stats"));
            client.delete(root + "/b");
            facts.of("room again", () -> client.create(root + "/c"));
            String sized = client.create("/sized");
            set(client.zk, sized, track -> track.setByteHardLimit(10));
            facts.of("up to the bytes", () -> client.set(sized, "1234567890"));
            facts.of("over the bytes", () -> client.set(sized, "12345678901"));
            facts.of("less again", () -> client.set(sized, "1"));
            facts.of("what is used of the bytes", () -> data(client.zk, sized, "stats"));
        }
    }

    private interface Limits {
        void on(StatsTrack track);
    }

    private static void set(ZooKeeper zk, String path, Limits limits) throws Exception {
        StatsTrack track = new StatsTrack();
        track.setCount(-1);
        track.setBytes(-1);
        track.setCountHardLimit(-1);
        track.setByteHardLimit(-1);
        limits.on(track);
        SetQuotaCommand.createQuota(zk, path, track);
    }

    private static byte[] data(ZooKeeper zk, String path, String what) throws Exception {
        return zk.getData("/zookeeper/quota" + path + "/zookeeper_" + what, false, null);
    }
}
