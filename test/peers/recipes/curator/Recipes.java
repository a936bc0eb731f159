/* Makes recipes: `kind, path, ...arguments`; and those that are not held: counters, barriers, members. */
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;

final class Recipes {
    private Recipes() {}

    static Recipe make(CuratorFramework client, Arguments arguments) {
        String kind = arguments.text(0);
        String path = arguments.text(1);
        switch (kind) {
            case "lock":
                return new Held.Mutex(client, Held.mutex(client, path, arguments.bytes(2)));
            case "read":
                return new Held.Mutex(client, new InterProcessReadWriteLock(client, path, arguments.bytes(2)).readLock());
            case "write":
                return new Held.Mutex(client, new InterProcessReadWriteLock(client, path, arguments.bytes(2)).writeLock());
            case "semaphore":
                return new Held.Semaphore(client, path, arguments.bytes(2), arguments.number(3));
            case "election":
                return new Held.Latch(client, path, arguments.text(2));
            case "counter":
                return counter(client, path);
            case "barrier":
                return barrier(new DistributedBarrier(client, path));
            case "doubleBarrier":
                return doubleBarrier(new DistributedDoubleBarrier(client, path, arguments.number(2)));
            case "group":
                return group(client, path, arguments.text(2));
            case "discovery":
                return new Discovery(client, path, new JsonInstanceSerializer<>(Object.class));
            case "discoveryWithEnabled":
                return new Discovery(client, path, new JsonInstanceSerializer<>(Object.class, false));
            default:
                throw new IllegalArgumentException("no recipe is called " + kind);
        }
    }

    /** A SharedCount knows what it last heard; `start` reads, and so does a set that is refused. */
    private static Recipe counter(CuratorFramework client, String path) {
        return (verb, arguments) -> {
            try (SharedCount count = new SharedCount(client, path, 0)) {
                count.start();
                if (verb.equals("get")) {
                    return count.getCount();
                }
                int amount = arguments.number(0);
                int sum = count.getCount() + amount;
                while (!count.trySetCount(count.getVersionedValue(), sum)) {
                    sum = count.getCount() + amount;
                }
                return sum;
            }
        };
    }

    private static Recipe barrier(DistributedBarrier barrier) {
        return (verb, arguments) -> {
            switch (verb) {
                case "set":
                    barrier.setBarrier();
                    return null;
                case "remove":
                    barrier.removeBarrier();
                    return null;
                default:
                    return barrier.waitOnBarrier(arguments.number(0), TimeUnit.MILLISECONDS);
            }
        };
    }

    private static Recipe doubleBarrier(DistributedDoubleBarrier barrier) {
        return (verb, arguments) -> {
            if (verb.equals("enter")) {
                barrier.enter();
            } else {
                barrier.leave();
            }
            return true;
        };
    }

    /** A GroupMember is a member from its start on. */
    private static Recipe group(CuratorFramework client, String path, String id) {
        GroupMember member = new GroupMember(client, path, id, new byte[0]);
        return (verb, arguments) -> {
            switch (verb) {
                case "join":
                    member.start();
                    return null;
                case "leave":
                    member.close();
                    return null;
                default:
                    return new TreeSet<>(member.getCurrentMembers().keySet());
            }
        };
    }
}
