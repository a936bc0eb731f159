import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.WatcherType;

/** A client whose paths begin at a znode of the server. */
final class ChrootFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client outside = Client.to(facts.server); Client inside = Client.to(facts.server + "/chroot/app")) {
            facts.begin(outside, "/chroot");
            calls(facts, outside, inside);
            watches(facts, outside, inside);
        }
    }

    private void calls(Facts facts, Client outside, Client inside) throws Exception {
        facts.of("without its znode", () -> inside.create("/a"));
        facts.of("which can be made", () -> outside.create("/chroot/app"));
        facts.of("create", () -> inside.create("/a"));
        facts.of("a sequential create", () -> inside.create("/a/s-", CreateMode.PERSISTENT_SEQUENTIAL));
        facts.of("lies below it", () -> outside.zk.getChildren("/chroot/app", false));
        facts.of("the root", () -> inside.zk.getChildren("/", false));
        facts.of("errors have the client's path", () -> inside.zk.getData("/none", false, null));
        facts.of("multi", () -> inside.zk.multi(List.of(
            Op.create("/m", null, Client.OPEN, CreateMode.PERSISTENT),
            Op.setData("/m", null, 0),
            Op.delete("/m", 1))));
        facts.of("reads in a multi", () -> inside.zk.multi(List.of(Op.getChildren("/"))));
        facts.of("ephemerals", () -> {
            inside.create("/e", CreateMode.EPHEMERAL);
            return inside.zk.getEphemerals();
        });
        facts.of("getAllChildrenNumber", () -> inside.zk.getAllChildrenNumber("/"));
        facts.of("delete the root", () -> {
            inside.delete("/");
            return "deleted";
        });
    }

    private void watches(Facts facts, Client outside, Client inside) throws Exception {
        inside.zk.exists("/w", inside.log.watcher("exists"));
        inside.zk.getChildren("/", inside.log.watcher("child"));
        outside.create("/chroot/app/w");
        facts.that("events have the client's paths", inside.heardSorted());
        inside.zk.addWatch("/", inside.log.watcher("r"), AddWatchMode.PERSISTENT_RECURSIVE);
        outside.set("/chroot/app", "root");
        outside.create("/chroot/app/w/x");
        outside.create("/chroot/apple");
        facts.that("its root is /", inside.heardSorted());
        inside.zk.removeAllWatches("/", WatcherType.Any, false);
        facts.that("removed", inside.heardSorted());
        outside.set("/chroot/app/w", "1");
        facts.that("and quiet", inside.heardSorted());
    }
}
