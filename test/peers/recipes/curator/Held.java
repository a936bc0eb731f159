/* Recipes that are held: locks, leases, the lead. All know `acquire timeoutMs`, `release` and who contends. */
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.Participant;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.utils.ZKPaths;

abstract class Held implements Recipe {
    abstract boolean acquire(int timeoutMs) throws Exception;

    abstract void release() throws Exception;

    /** What those who hold it or wait for it say about themselves. */
    abstract Collection<String> contenders() throws Exception;

    @Override
    public Object call(String verb, Arguments arguments) throws Exception {
        switch (verb) {
            case "acquire":
                return acquire(arguments.number(0));
            case "release":
                release();
                return true;
            default:
                return contenders();
        }
    }

    /** A mutex whose znode says who it is. */
    static InterProcessMutex mutex(CuratorFramework client, String path, byte[] identifier) {
        return new InterProcessMutex(client, path) {
            @Override
            protected byte[] getLockNodeBytes() {
                return identifier;
            }
        };
    }

    private static String textOf(CuratorFramework client, String path) throws Exception {
        return new String(client.getData().forPath(path), StandardCharsets.UTF_8);
    }

    /** A lock, or a side of a read/write lock. */
    static final class Mutex extends Held {
        private final CuratorFramework client;
        private final InterProcessMutex mutex;

        Mutex(CuratorFramework client, InterProcessMutex mutex) {
            this.client = client;
            this.mutex = mutex;
        }

        @Override
        boolean acquire(int timeoutMs) throws Exception {
            return mutex.acquire(timeoutMs, TimeUnit.MILLISECONDS);
        }

        @Override
        void release() throws Exception {
            mutex.release();
        }

        @Override
        Collection<String> contenders() throws Exception {
            List<String> identifiers = new ArrayList<>();
            for (String path : mutex.getParticipantNodes()) {
                identifiers.add(textOf(client, path));
            }
            return identifiers;
        }
    }

    /** A lease of a semaphore. */
    static final class Semaphore extends Held {
        private final CuratorFramework client;
        private final String path;
        private final InterProcessSemaphoreV2 semaphore;
        private Lease lease;

        Semaphore(CuratorFramework client, String path, byte[] identifier, int leases) {
            this.client = client;
            this.path = path;
            this.semaphore = new InterProcessSemaphoreV2(client, path, leases);
            semaphore.setNodeData(identifier);
        }

        @Override
        boolean acquire(int timeoutMs) throws Exception {
            lease = semaphore.acquire(timeoutMs, TimeUnit.MILLISECONDS);
            return lease != null;
        }

        @Override
        void release() throws Exception {
            lease.close();
        }

        @Override
        Collection<String> contenders() throws Exception {
            Collection<String> identifiers = new TreeSet<>();
            for (String name : semaphore.getParticipantNodes()) {
                identifiers.add(textOf(client, ZKPaths.makePath(path, "leases", name)));
            }
            return identifiers;
        }
    }

    /** A latch is used once; each try to lead has its own. */
    static final class Latch extends Held {
        private final CuratorFramework client;
        private final String path;
        private final String id;
        private LeaderLatch latch;

        Latch(CuratorFramework client, String path, String id) {
            this.client = client;
            this.path = path;
            this.id = id;
        }

        @Override
        boolean acquire(int timeoutMs) throws Exception {
            latch = new LeaderLatch(client, path, id);
            latch.start();
            boolean leads = latch.await(timeoutMs, TimeUnit.MILLISECONDS);
            if (!leads) {
                latch.close();
            }
            return leads;
        }

        @Override
        void release() throws Exception {
            latch.close();
        }

        @Override
        Collection<String> contenders() throws Exception {
            List<String> ids = new ArrayList<>();
            for (Participant participant : new LeaderLatch(client, path).getParticipants()) {
                ids.add(participant.getId());
            }
            return ids;
        }
    }
}
