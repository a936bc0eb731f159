/*
 * Apache ZooKeeper's own DataTree and watch managers as objects, without a server: the yardstick of `npm run bench -- objects`.
 * Reads one command a line and answers each with one line of numbers, so that rounds can be taken by turns with ours.
 *
 *   tree N BYTES OPERATION     nanoseconds a call over N znodes: create, exists, getData, setData, delete, or bytes: memory a znode
 *   watches KIND PATHS WATCHERS EACH ORDER WHAT   plain or optimized; EACH watchers on each path, by turns: of time, nanoseconds to add
 *                              one and to fire one; of bytes, memory for all. By chance, the paths come in an order of chance, and an event
 *                              has another string than the watch, as from a network; in order, the same strings come in their own order
 *   children N                 nanoseconds a name of a parent with N children
 *   heard                      how many calls and events have been seen to
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.watch.IWatchManager;
import org.apache.zookeeper.server.watch.WatchManager;
import org.apache.zookeeper.server.watch.WatchManagerOptimized;

public class RealObjects {
    private static final int COLLECTIONS = 3;
    /** A hot set is gone through until there were so many calls: its memory is to be near. */
    private static final int LEAST_CALLS = 20_000;
    /** Few watches are set anew until there were so many. */
    private static final int LEAST_WATCHES = 1_000_000;
    /** Of small ones, so many are filled to see what one takes: less than what else comes and goes in a process. */
    private static final int SMALL_MANAGERS = 10;
    private static final int MOST_PATHS_OF_SMALL = 10_000;
    /** What is added or created in one order of chance is fired in another one. */
    private static final int ADDING = 1;
    private static final int FIRING = 2;
    private static final String ROOT = "/bench";

    /** What it has been told counts, so that no call can be left out. */
    private static long heard = 0;

    private final List<Watcher> watchers = new ArrayList<>();
    private DataTree tree = new DataTree();
    private String[] paths = new String[0];
    private long zxid = 0;
    private DataTree family = new DataTree();
    private int childCount = 0;

    public static void main(String[] args) throws Exception {
        RealObjects objects = new RealObjects();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.trim().split(" ");
            System.out.println(objects.answer(words));
        }
    }

    private String answer(String[] words) throws Exception {
        if (words[0].equals("tree")) return tree(Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3]);
        if (words[0].equals("watches"))
            return watches(
                words[1].equals("optimized"),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]),
                words[5].equals("chance"),
                words[6].equals("bytes"));
        if (words[0].equals("children")) return children(Integer.parseInt(words[1]));
        if (words[0].equals("heard")) return String.valueOf(heard);
        return "unknown " + words[0];
    }

    private String tree(int count, int bytes, String operation) throws Exception {
        byte[] data = new byte[bytes];
        if (paths.length != count) {
            tree = new DataTree();
            tree.createNode(ROOT, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, ++zxid, 1);
            paths = namesOf(count);
            shuffle(paths, ADDING);
            long before = usedBytes();
            for (String path : namesOf(count)) create(path, data.clone());
            if (operation.equals("bytes")) return String.valueOf((usedBytes() - before) / (double) count);
        }
        if (operation.equals("churn")) return churn(data);
        long startNs = System.nanoTime();
        double calls = 0;
        for (; calls < LEAST_CALLS; calls += count) goThrough(operation, data);
        return String.valueOf((System.nanoTime() - startNs) / calls);
    }

    /** Each operation has a loop in a method of its own, as in our-objects.ts. */
    private void goThrough(String operation, byte[] data) throws Exception {
        if (operation.equals("exists")) exists();
        else if (operation.equals("setData")) setData(data);
        else if (operation.equals("getData") || operation.equals("lendData")) getData();
        else throw new IllegalArgumentException(operation);
    }

    private void exists() throws Exception {
        for (String path : paths) heard += tree.statNode(path, null).getVersion();
    }

    private void getData() throws Exception {
        Stat stat = new Stat();
        for (String path : paths) heard += tree.getData(path, stat, null).length;
    }

    private void setData(byte[] data) throws Exception {
        for (String path : paths) heard += tree.setData(path, data, 1, ++zxid, 1).getVersion();
    }

    private String churn(byte[] data) throws Exception {
        long createNs = 0;
        long deleteNs = 0;
        double calls = 0;
        for (; calls < LEAST_CALLS; calls += paths.length) {
            long startNs = System.nanoTime();
            for (String path : paths) tree.deleteNode(path, ++zxid);
            long middleNs = System.nanoTime();
            for (String path : paths) create(path, data);
            deleteNs += middleNs - startNs;
            createNs += System.nanoTime() - middleNs;
        }
        return createNs / calls + " " + deleteNs / calls;
    }

    /** All names of one parent, beside so many other znodes again. */
    private String children(int count) throws Exception {
        if (childCount != count) {
            childCount = count;
            family = new DataTree();
            for (String parent : new String[] {ROOT, "/other"}) {
                family.createNode(parent, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, 1, 1);
                for (int i = 0; i < count; i++)
                    family.createNode(
                        parent + String.format("/%017d", i), new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, 1, 1);
            }
        }
        long startNs = System.nanoTime();
        heard += family.getChildren(ROOT, null, null).size();
        return String.valueOf((System.nanoTime() - startNs) / (double) count);
    }

    private void create(String path, byte[] data) throws Exception {
        tree.createNode(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, ++zxid, 1);
    }

    private String watches(
            boolean isOptimized, int pathCount, int watcherCount, int each, boolean isByChance, boolean isForBytes) {
        // Connections are there long before their watches.
        while (watchers.size() < watcherCount) watchers.add(new Counting());
        if (isForBytes) {
            String[] names = namesToWatch(pathCount, isByChance);
            IWatchManager[] managers = new IWatchManager[pathCount <= MOST_PATHS_OF_SMALL ? SMALL_MANAGERS : 1];
            for (int i = 0; i < managers.length; i++) managers[i] = newManager(isOptimized);
            long before = usedBytes();
            for (IWatchManager manager : managers) add(manager, names, watcherCount, each);
            double bytes = usedBytes() - before;
            for (IWatchManager manager : managers) {
                fire(manager, names);
                manager.shutdown();
            }
            return String.valueOf(bytes / managers.length);
        }
        long addNs = 0;
        long fireNs = 0;
        double count = 0;
        while (count < LEAST_WATCHES) {
            String[] names = namesToWatch(pathCount, isByChance);
            String[] others = isByChance ? namesByChance(pathCount, FIRING) : names;
            IWatchManager manager = newManager(isOptimized);
            long startNs = System.nanoTime();
            add(manager, names, watcherCount, each);
            long middleNs = System.nanoTime();
            fire(manager, others);
            addNs += middleNs - startNs;
            fireNs += System.nanoTime() - middleNs;
            count += (double) pathCount * each;
            manager.shutdown();
        }
        return addNs / count + " " + fireNs / count;
    }

    private static IWatchManager newManager(boolean isOptimized) {
        return isOptimized ? new WatchManagerOptimized() : new WatchManager();
    }

    private void add(IWatchManager manager, String[] names, int watcherCount, int each) {
        int at = 0;
        for (String name : names)
            for (int j = 0; j < each; j++) {
                manager.addWatch(name, watchers.get(at));
                at = at + 1 == watcherCount ? 0 : at + 1;
            }
    }

    private static void fire(IWatchManager manager, String[] names) {
        for (String name : names)
            manager.triggerWatch(name, Watcher.Event.EventType.NodeDataChanged, ZooDefs.Ids.OPEN_ACL_UNSAFE);
    }

    private static String[] namesToWatch(int count, boolean isByChance) {
        return isByChance ? namesByChance(count, ADDING) : namesOf(count);
    }

    private static String[] namesByChance(int count, int seed) {
        String[] names = namesOf(count);
        shuffle(names, seed);
        return names;
    }

    /** Paths of 24 characters. */
    private static String[] namesOf(int count) {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) names[i] = ROOT + String.format("/%017d", i);
        return names;
    }

    /** The order in which znodes are asked for has nothing to do with where they lie; the same as in our-objects.ts. */
    private static void shuffle(String[] names, int seed) {
        int chance = seed;
        for (int i = names.length - 1; i > 0; i--) {
            chance = chance * 1664525 + 1013904223;
            int other = (chance >>> 8) % (i + 1);
            String name = names[i];
            names[i] = names[other];
            names[other] = name;
        }
    }

    private static long usedBytes() {
        for (int i = 0; i < COLLECTIONS; i++) System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static final class Counting implements Watcher {
        @Override
        public void process(WatchedEvent event) {
            heard += 1;
        }
    }
}
