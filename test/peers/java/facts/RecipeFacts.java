import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.recipes.leader.LeaderElectionSupport;
import org.apache.zookeeper.recipes.lock.LockListener;
import org.apache.zookeeper.recipes.lock.WriteLock;
import org.apache.zookeeper.recipes.queue.DistributedQueue;

/** The official recipes that come with the client: lock, queue and leader election. */
final class RecipeFacts implements Section {
    @Override
    public void tell(Facts facts) throws Exception {
        try (Client one = Client.to(facts.server);
                Client two = Client.to(facts.server);
                Client three = Client.to(facts.server)) {
            String root = facts.begin(one, "/recipes");
            lock(facts, List.of(one, two, three), root + "/lock");
            queue(facts, one, three, root + "/queue");
            election(facts, List.of(one, two, three), root + "/election");
        }
    }

    /** In the order in which they asked; the second is closed while it has it. */
    private void lock(Facts facts, List<Client> clients, String dir) throws Exception {
        EventLog log = new EventLog();
        clients.get(0).create(dir);
        List<WriteLock> locks = new ArrayList<>();
        List<Boolean> owned = new ArrayList<>();
        for (Client client : clients) {
            LockListener telling = told(log, "client " + (locks.size() + 1));
            locks.add(new WriteLock(client.zk, dir, Client.OPEN, telling));
            owned.add(locks.get(locks.size() - 1).lock());
        }
        facts.that("asked for the lock", owned);
        locks.get(0).unlock();
        log.await("client 2 has it");
        facts.that("its owner", locks.stream().map(WriteLock::isOwner).toList());
        clients.get(1).close();
        log.await("client 3 has it");
        locks.get(2).unlock();
        facts.that("the lock goes round", log.take().stream().filter(entry -> entry.endsWith(" has it")).toList());
        facts.of("and nothing is left", () -> clients.get(0).zk.getChildren(dir, false));
    }

    private static LockListener told(EventLog log, String name) {
        return new LockListener() {
            @Override
            public void lockAcquired() {
                log.add(name + " has it");
            }

            @Override
            public void lockReleased() {
                log.add(name + " gave it");
            }
        };
    }

    private void queue(Facts facts, Client one, Client two, String dir) throws Exception {
        DistributedQueue producing = new DistributedQueue(one.zk, dir, Client.OPEN);
        DistributedQueue consuming = new DistributedQueue(two.zk, dir, Client.OPEN);
        for (String each : List.of("a", "b", "c")) producing.offer(Client.bytes(each));
        facts.of("peek", consuming::peek);
        facts.of("remove", consuming::remove);
        facts.of("poll", consuming::poll);
        facts.of("take", consuming::take);
        facts.of("remove from nothing", consuming::remove);
        CompletableFuture<Object> taken = CompletableFuture.supplyAsync(() -> {
            try {
                return consuming.take();
            } catch (Exception error) {
                return error;
            }
        });
        producing.offer(Client.bytes("late"));
        facts.that("take waits", taken.get(20, TimeUnit.SECONDS));
    }

    /** The second client is closed by now. */
    private void election(Facts facts, List<Client> clients, String dir) throws Exception {
        clients.get(0).create(dir);
        EventLog log = new EventLog();
        LeaderElectionSupport first = candidate(clients.get(0), dir, "first", log);
        first.start();
        log.await("first ELECTED_COMPLETE");
        LeaderElectionSupport second = candidate(clients.get(2), dir, "second", log);
        second.start();
        log.await("second READY_COMPLETE");
        facts.of("the leader", second::getLeaderHostName);
        first.stop();
        log.await("second ELECTED_COMPLETE");
        facts.of("the next leader", second::getLeaderHostName);
        List<String> told = log.take();
        for (String name : List.of("first ", "second ")) {
            facts.that("told to the " + name.trim(), told.stream().filter(entry -> entry.startsWith(name)).toList());
        }
        second.stop();
    }

    private static LeaderElectionSupport candidate(Client client, String dir, String name, EventLog log) {
        LeaderElectionSupport candidate = new LeaderElectionSupport();
        candidate.setZooKeeper(client.zk);
        candidate.setRootNodeName(dir);
        candidate.setHostName(name);
        candidate.addListener(event -> log.add(name + " " + event));
        return candidate;
    }
}
