import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Calls with callbacks: every kind once, their order, and where events stand among them. */
final class AsyncFacts implements Section {
    private static final int MANY = 2_000;

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            String root = facts.begin(client, "/async");
            everyKind(facts, client, root);
            refusals(facts, client, root);
            events(facts, client, root);
            many(facts, client, root);
        }
    }

    private void everyKind(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        EventLog log = client.log;
        String path = root + "/a";
        AsyncCallback.Create2Callback created = (rc, asked, context, name, stat) ->
            log.add("create2 " + code(rc) + " " + name + brief(stat));
        AsyncCallback.StatCallback stat = (rc, asked, context, read) ->
            log.add("stat " + code(rc) + " " + asked + brief(read));
        zk.create(path, Client.bytes("1"), Client.OPEN, CreateMode.PERSISTENT,
            (rc, asked, context, name) -> log.add("create " + code(rc) + " " + name + " " + context), "given");
        zk.create(path + "/c-", null, Client.OPEN, CreateMode.EPHEMERAL_SEQUENTIAL, created, null);
        zk.create(path + "/t", null, Client.OPEN, CreateMode.PERSISTENT_WITH_TTL, created, null, 3_600_000);
        zk.create(path + "/k", null, Client.OPEN, CreateMode.CONTAINER, created, null);
        zk.exists(path, false, stat, null);
        zk.setData(path, Client.bytes("2"), 0, stat, null);
        zk.getData(path, false, (rc, asked, context, data, read) ->
            log.add("data " + code(rc) + " " + new String(data) + brief(read)), null);
        zk.getChildren(path, false, (int rc, String asked, Object context, List<String> names) ->
            log.add("children " + code(rc) + " " + names.stream().sorted().toList()), null);
        zk.getChildren(path, false, (int rc, String asked, Object context, List<String> names, Stat read) ->
            log.add("children2 " + code(rc) + " " + names.size() + brief(read)), null);
        zk.getACL(path, new Stat(), (rc, asked, context, acl, read) ->
            log.add("acl " + code(rc) + " " + acl.size()), null);
        zk.setACL(path, Client.OPEN, 0, stat, null);
        zk.getAllChildrenNumber(path, (rc, asked, context, number) ->
            log.add("number " + code(rc) + " " + number), null);
        zk.getEphemerals(path, (rc, context, paths) -> log.add("ephemerals " + code(rc) + " " + paths), null);
        zk.multi(List.of(Op.check(path, 1), Op.delete(path + "/t", -1)),
            (rc, asked, context, results) -> log.add("multi " + code(rc) + " " + results.size()), null);
        zk.sync(path, (rc, asked, context) -> log.add("sync " + code(rc) + " " + asked), null);
        zk.delete(path + "/k", 0, (rc, asked, context) -> log.add("delete " + code(rc) + " " + asked), null);
        int place = 0;
        for (String entry : client.heard()) facts.that("callback " + ++place, entry);
    }

    private void refusals(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        EventLog log = client.log;
        String none = root + "/none";
        AsyncCallback.StringCallback created = (rc, asked, context, name) ->
            log.add(context + " " + code(rc) + " " + name);
        zk.create(root, null, Client.OPEN, CreateMode.PERSISTENT, created, "create");
        zk.delete(root, 9, (rc, asked, context) -> log.add("delete " + code(rc) + " " + asked), null);
        zk.exists(none, false, (rc, asked, context, stat) -> log.add("exists " + code(rc) + " " + stat), null);
        zk.getData(none, false, (rc, asked, context, data, stat) -> log.add("data " + code(rc) + " " + data), null);
        zk.getAllChildrenNumber(none, (rc, asked, context, number) ->
            log.add("number " + code(rc) + " " + number), null);
        zk.create(root + "/x", null, Collections.emptyList(), CreateMode.PERSISTENT, created, "acl");
        zk.multi(List.of(Op.create(root + "/m", null, Client.OPEN, CreateMode.PERSISTENT), Op.delete(none, -1)),
            (rc, asked, context, results) -> log.add("multi " + code(rc) + " " + results.size()), null);
        facts.that("refusals in order", client.heard());
    }

    /** What a write fires comes before its callback, and what another write fires after it. */
    private void events(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        EventLog log = client.log;
        String path = root + "/watched";
        AsyncCallback.StatCallback done = (rc, asked, context, stat) -> log.add("done " + context);
        zk.exists(path, log.watcher("exists"));
        zk.create(path, null, Client.OPEN, CreateMode.PERSISTENT, (rc, asked, context, name) ->
            log.add("created"), null);
        zk.getData(path, log.watcher("data"), (rc, asked, context, data, stat) ->
            log.add("read " + stat.getVersion()), null);
        zk.setData(path, null, -1, done, "set 1");
        zk.setData(path, null, -1, done, "set 2");
        zk.getChildren(root, log.watcher("child"), (int rc, String asked, Object context, List<String> names) ->
            log.add("listed"), null);
        zk.delete(path, -1, (rc, asked, context) -> log.add("deleted"), null);
        facts.that("events among callbacks", client.heard());
    }

    private void many(Facts facts, Client client, String root) throws Exception {
        ZooKeeper zk = client.zk;
        EventLog log = client.log;
        for (int each = 0; each < MANY; each++) {
            zk.create(root + "/n-", null, Client.OPEN, CreateMode.PERSISTENT_SEQUENTIAL,
                (rc, asked, context, name) -> log.add(context + name.substring(name.length() - 10)), each + " ");
        }
        List<String> answers = client.heard();
        boolean isInOrder = true;
        int first = Integer.parseInt(answers.get(0).substring(2));
        for (int each = 0; each < answers.size(); each++) {
            isInOrder &= answers.get(each).equals(each + " " + String.format("%010d", first + each));
        }
        facts.that("creates sent at once", answers.size());
        facts.that("are answered in their order", isInOrder);
        facts.of("and are there", () -> zk.exists(root, false));
    }

    private static Code code(int rc) {
        return Code.get(rc);
    }

    private static String brief(Stat stat) {
        return stat == null ? " no Stat" : " version " + stat.getVersion() + " children " + stat.getNumChildren();
    }
}
