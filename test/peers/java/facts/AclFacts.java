import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Access: schemes, what each permission guards, what others see of an ACL, and a scheme that nobody knows. */
final class AclFacts implements Section {
    /** What the digest scheme makes of alice:pw. */
    private static final String ALICE = "alice:V55/p2T0OpjQ+low3NVAH4aLvm0=";

    @Override
    public void tell(Facts facts) throws Exception {
        try (Client alice = Client.to(facts.server); Client bob = Client.to(facts.server)) {
            String root = facts.begin(alice, "/acl");
            facts.of("auth without an identity", () -> alice.create(root + "/none", Ids.CREATOR_ALL_ACL));
            alice.zk.addAuthInfo("digest", Client.bytes("alice:pw"));
            bob.zk.addAuthInfo("digest", Client.bytes("bob:pw"));
            lists(facts, alice.zk, root);
            permissions(facts, alice, bob.zk, root);
            masks(facts, alice, bob.zk, root);
            addresses(facts, alice, root);
            changes(facts, alice, bob, root);
            superuser(facts, root);
        }
        unknownScheme(facts);
    }

    private void lists(Facts facts, ZooKeeper alice, String root) throws Exception {
        facts.of("the ACL of everybody", () -> alice.getACL(root, null));
        facts.of("the ACL of the config", () -> alice.getACL("/zookeeper/config", null));
        facts.of("the ACL of nothing", () -> alice.getACL(root + "/none", null));
        List<List<ACL>> lists = Arrays.asList(
            Ids.CREATOR_ALL_ACL,
            Arrays.asList(acl(Perms.READ, "auth", "ignored"), acl(Perms.READ, "auth", "")),
            Arrays.asList(acl(Perms.ALL, "digest", ALICE), acl(Perms.READ, "world", "anyone")),
            Arrays.asList(acl(Perms.ALL, "digest", "half")),
            Arrays.asList(acl(Perms.ALL, "world", "somebody")),
            Arrays.asList(acl(Perms.ALL, "ip", "10.0.0.0/8"), acl(Perms.READ, "ip", "127.0.0.1")),
            Arrays.asList(acl(Perms.ALL, "ip", "10.0.0.0/33")),
            Arrays.asList(acl(Perms.ALL, "ip", "nowhere")),
            Arrays.asList(acl(Perms.ALL, "super", "")),
            Arrays.asList(acl(Perms.ALL, "unheard", "of")),
            Arrays.asList(acl(0, "world", "anyone")),
            Arrays.asList(acl(Perms.READ, "world", "anyone"), acl(Perms.READ, "world", "anyone")));
        int number = 0;
        for (List<ACL> list : lists) {
            String path = root + "/list" + ++number;
            facts.of("list " + number, () -> {
                alice.create(path, null, list, CreateMode.PERSISTENT);
                Stat stat = new Stat();
                return List.of(alice.getACL(path, stat), stat);
            });
        }
    }

    /** Bob has all permissions but one, or none but one. */
    private void permissions(Facts facts, Client alice, ZooKeeper bob, String root) throws Exception {
        for (int perm : new int[] { Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN }) {
            for (int granted : new int[] { perm, Perms.ALL & ~perm }) {
                String path = root + "/perm" + granted;
                alice.create(path, Arrays.asList(acl(Perms.ALL, "digest", ALICE), acl(granted, "world", "anyone")));
                alice.create(path + "/child");
                facts.of("exists with " + granted, () -> bob.exists(path, false) != null);
                facts.that("with " + granted, List.of(
                    facts.outcome(() -> bob.getData(path, false, null)),
                    facts.outcome(() -> bob.getChildren(path, false)),
                    facts.outcome(() -> bob.getAllChildrenNumber(path)),
                    facts.outcome(() -> bob.getACL(path, null)),
                    facts.outcome(() -> bob.setData(path, null, -1).getVersion()),
                    facts.outcome(() -> bob.create(path + "/new", null, Client.OPEN, CreateMode.PERSISTENT)),
                    facts.outcome(() -> bob.setACL(path + "/child", Client.OPEN, -1).getAversion()),
                    facts.outcome(() -> bob.multi(List.of(Op.check(path, -1)))),
                    facts.outcome(() -> bob.multi(List.of(Op.getData(path)))),
                    facts.outcome(() -> bob.multi(List.of(Op.delete(path + "/child", -1)))),
                    facts.outcome(() -> bob.setACL(path, Client.OPEN, 9))));
            }
        }
    }

    private void masks(Facts facts, Client alice, ZooKeeper bob, String root) throws Exception {
        List<ACL> readable = Arrays.asList(acl(Perms.ALL, "digest", ALICE), acl(Perms.READ, "world", "anyone"));
        String path = alice.create(root + "/masked", readable);
        facts.of("the owner sees the digest", () -> alice.zk.getACL(path, null));
        facts.of("a reader sees a mask", () -> bob.getACL(path, null));
    }

    private void addresses(Facts facts, Client alice, String root) throws Exception {
        String near = alice.create(root + "/near", Arrays.asList(acl(Perms.ALL, "ip", "127.0.0.0/8")));
        String far = alice.create(root + "/far", Arrays.asList(acl(Perms.ALL, "ip", "10.1.2.3")));
        facts.of("an address that fits", () -> alice.zk.getData(near, false, null));
        facts.of("an address that does not", () -> alice.zk.getData(far, false, null));
    }

    private void changes(Facts facts, Client alice, Client bob, String root) throws Exception {
        String path = alice.create(root + "/changed");
        alice.zk.getData(path, alice.log.watcher("data"), null);
        facts.of("setACL", () -> alice.zk.setACL(path, Ids.CREATOR_ALL_ACL, 0));
        facts.of("setACL with an old version", () -> alice.zk.setACL(path, Client.OPEN, 0));
        facts.of("setACL without a znode", () -> alice.zk.setACL(root + "/none", Client.OPEN, -1));
        facts.of("setACL of nothing", () -> alice.zk.setACL(path, Collections.emptyList(), -1));
        facts.that("setACL fires nothing", alice.heard());
        bob.zk.addWatch(root, bob.log.watcher("r"), AddWatchMode.PERSISTENT_RECURSIVE);
        alice.set(path, "hidden");
        alice.create(path + "/below", Ids.READ_ACL_UNSAFE);
        alice.create(root + "/open");
        facts.that("events of what one may not read are withheld", bob.heard());
        facts.of("anybody deletes where the parent lets him", () -> {
            bob.zk.delete(alice.create(root + "/mine", Arrays.asList(acl(0, "world", "anyone"))), -1);
            return "deleted";
        });
    }

    private void superuser(Facts facts, String root) throws Exception {
        try (Client superuser = Client.to(facts.server)) {
            superuser.zk.addAuthInfo("digest", Client.bytes("super:secret"));
            facts.of("the superuser reads all", () -> superuser.zk.getData(root + "/far", false, null));
            facts.of("and is told so", superuser::identities);
        }
    }

    private void unknownScheme(Facts facts) throws Exception {
        try (Client client = Client.to(facts.server)) {
            client.zk.addAuthInfo("unheard", Client.bytes("of"));
            client.log.await("default AuthFailed");
            facts.that("a scheme that nobody knows", client.log.take().get(0));
            facts.of("ends the client", () -> client.zk.exists("/", false));
            facts.of("for good", () -> client.zk.getState());
        }
    }

    private static ACL acl(int perms, String scheme, String id) {
        return new ACL(perms, new Id(scheme, id));
    }
}
