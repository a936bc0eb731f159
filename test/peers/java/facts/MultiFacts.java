import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;

/** Transactions: results, failures with their results, events, and multis of reads. */
final class MultiFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/multi");
            successes(facts, client.zk, root);
            failures(facts, client, root);
            transactions(facts, client.zk, root);
            events(facts, client, root);
            reads(facts, client, root);
        }
    }

    private void successes(Facts facts, ZooKeeper zk, String root) throws Exception {
        facts.of("one of each", () -> zk.multi(List.of(
            create(root + "/a", CreateMode.PERSISTENT),
            Op.setData(root + "/a", Client.bytes("2"), 0),
            Op.check(root + "/a", 1),
            create(root + "/a/e", CreateMode.EPHEMERAL),
            Op.delete(root + "/a/e", 0))));
        facts.of("every mode", () -> zk.multi(List.of(
            create(root + "/s-", CreateMode.PERSISTENT_SEQUENTIAL),
            create(root + "/s-", CreateMode.EPHEMERAL_SEQUENTIAL),
            create(root + "/k", CreateMode.CONTAINER),
            Op.create(root + "/t", null, Client.OPEN, CreateMode.PERSISTENT_WITH_TTL, 3_600_000),
            Op.create(root + "/t-", null, Client.OPEN, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, 3_600_000))));
        facts.of("all under one zxid", () -> zk.exists(root, false));
        facts.of("nothing at all", () -> zk.multi(List.of()));
        facts.of("a check of existence", () -> zk.multi(List.of(Op.check(root + "/a", -1))));
        facts.of("made, deleted and made again", () -> zk.multi(List.of(
            create(root + "/again", CreateMode.PERSISTENT),
            Op.delete(root + "/again", -1),
            create(root + "/again", CreateMode.PERSISTENT))));
        facts.of("a hundred", () -> zk.multi(java.util.stream.IntStream.range(0, 100)
            .mapToObj(each -> create(root + "/hundred" + each, CreateMode.PERSISTENT)).toList()).size());
    }

    private void failures(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        facts.of("the second fails", () -> zk.multi(List.of(
            create(root + "/b", CreateMode.PERSISTENT),
            Op.check(root + "/a", 7),
            Op.delete(root + "/a", -1))));
        facts.of("and nothing was done", () -> zk.exists(root + "/b", false));
        facts.of("the first fails", () -> zk.multi(List.of(
            Op.delete(root + "/none", -1), create(root + "/b", CreateMode.PERSISTENT))));
        facts.of("the last fails", () -> zk.multi(List.of(
            create(root + "/b", CreateMode.PERSISTENT), create(root + "/b", CreateMode.PERSISTENT))));
        facts.of("a check without a znode", () -> zk.multi(List.of(Op.check(root + "/none", -1))));
        facts.of("a znode with children", () -> zk.multi(List.of(
            create(root + "/a/x", CreateMode.PERSISTENT), Op.delete(root + "/a", -1))));
        facts.of("an empty ACL", () -> zk.multi(List.of(
            Op.create(root + "/b", null, Collections.emptyList(), CreateMode.PERSISTENT))));
        facts.of("a bad path", () -> zk.multi(List.of(Op.delete("//", -1))));
        facts.of("a read among writes", () -> zk.multi(List.of(Op.getData(root), Op.delete(root + "/a", -1))));
        String before = client.create(root + "/n-", CreateMode.PERSISTENT_SEQUENTIAL);
        facts.of("a number of a failed multi", () -> zk.multi(List.of(
            create(root + "/n-", CreateMode.PERSISTENT_SEQUENTIAL), Op.check(root, 7))));
        String after = client.create(root + "/n-", CreateMode.PERSISTENT_SEQUENTIAL);
        facts.that("is given back", number(after) - number(before));
    }

    private void transactions(Facts facts, ZooKeeper zk, String root) throws Exception {
        facts.of("a transaction", () -> zk.transaction()
            .create(root + "/tx", Client.bytes("1"), Client.OPEN, CreateMode.PERSISTENT)
            .check(root + "/tx", 0)
            .setData(root + "/tx", Client.bytes("22"), 0)
            .delete(root + "/tx", 1)
            .commit());
        facts.of("a failed transaction", () -> zk.transaction()
            .create(root + "/tx", null, Client.OPEN, CreateMode.PERSISTENT)
            .delete(root + "/none", -1)
            .commit());
        EventLog log = new EventLog();
        zk.transaction().delete(root + "/none", -1).commit((rc, path, context, results) ->
            log.add(rc + " " + results.size()), null);
        log.await("an answer", answers -> !answers.isEmpty());
        facts.that("with a callback", log.take());
    }

    private void events(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        try (Client watching = Client.to(facts.server)) {
            watching.zk.addWatch(root + "/ev", watching.log.watcher("r"), AddWatchMode.PERSISTENT_RECURSIVE);
            zk.multi(List.of(
                create(root + "/ev", CreateMode.PERSISTENT),
                create(root + "/ev/x", CreateMode.PERSISTENT),
                Op.setData(root + "/ev", null, -1),
                Op.delete(root + "/ev/x", -1)));
            facts.that("events in the order of the operations", watching.heard());
            facts.outcome(() -> zk.multi(List.of(Op.setData(root + "/ev", null, -1), Op.check(root, 7))));
            facts.that("none of a failed one", watching.heard());
        }
    }

    private void reads(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        client.set(root + "/a", "seen");
        facts.of("reads", () -> zk.multi(List.of(
            Op.getData(root + "/a"),
            Op.getChildren(root + "/a"),
            Op.getData(root + "/none"),
            Op.getChildren("/zookeeper"))));
        EventLog log = new EventLog();
        zk.multi(List.of(Op.getData(root + "/none")), (rc, path, context, results) ->
            log.add(rc + " " + results.size()), null);
        log.await("an answer", answers -> !answers.isEmpty());
        facts.that("reads with a callback", log.take());
    }

    private static Op create(String path, CreateMode mode) {
        return Op.create(path, Client.bytes("1"), Client.OPEN, mode);
    }

    private static int number(String path) {
        return Integer.parseInt(path.substring(path.length() - 10));
    }
}
