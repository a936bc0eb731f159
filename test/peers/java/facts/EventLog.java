import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/** What the watchers and the callbacks of one client hear, in the order in which it comes. Every wait has an end. */
final class EventLog {
    private static final long WAIT_MS = 20_000;

    private final List<String> entries = new ArrayList<>();

    /** A watcher of its own; its entries begin with its name. */
    Watcher watcher(String name) {
        return event -> add(name + " " + shown(event));
    }

    synchronized void add(String entry) {
        entries.add(entry);
        notifyAll();
    }

    /** Gives all entries since the last time. */
    synchronized List<String> take() {
        List<String> taken = List.copyOf(entries);
        entries.clear();
        return taken;
    }

    synchronized void await(String entry) throws Exception {
        await("\"" + entry + "\"", heard -> heard.contains(entry));
    }

    synchronized void await(String what, Predicate<List<String>> isThere) throws Exception {
        long endMs = System.nanoTime() / 1_000_000 + WAIT_MS;
        while (!isThere.test(entries)) {
            long leftMs = endMs - System.nanoTime() / 1_000_000;
            if (leftMs <= 0) throw new TimeoutException("waited for " + what + ", heard " + entries);
            wait(leftMs);
        }
    }

    private static String shown(WatchedEvent event) {
        if (event.getType() == Watcher.Event.EventType.None) return event.getState().name();
        return event.getType().name() + " " + event.getPath();
    }
}
