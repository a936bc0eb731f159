import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/**
 * Prints a line per fact, "name = value". What differs from run to run is left out or made relative: a zxid is told as
 * the distance from the znode that the section began with, a session id as mine, none or another's.
 */
final class Facts {
    /** Where the server listens, HOST:PORT. */
    final String server;
    private final PrintStream out;
    private long firstZxid;
    private long ownSessionId;

    Facts(String server, PrintStream out) {
        this.server = server;
        this.out = out;
    }

    void section(String title) {
        out.println("# " + title);
    }

    /** Makes the znode that a section lives in; zxids are counted from it, and its owner is "mine". */
    String begin(Client client, String root) throws Exception {
        Stat stat = new Stat();
        client.zk.create(root, null, Client.OPEN, org.apache.zookeeper.CreateMode.PERSISTENT, stat);
        firstZxid = stat.getCzxid();
        ownSessionId = client.zk.getSessionId();
        return root;
    }

    void that(String name, Object value) {
        out.println(name + " = " + shown(value));
    }

    /** The result of a call, or the code and the path of its error. */
    void of(String name, Callable<?> call) throws InterruptedException {
        that(name, outcome(call));
    }

    Object outcome(Callable<?> call) throws InterruptedException {
        try {
            return call.call();
        } catch (KeeperException error) {
            return error;
        } catch (InterruptedException error) {
            throw error;
        } catch (Exception error) {
            return error.getClass().getSimpleName();
        }
    }

    private String shown(Object value) {
        if (value instanceof Stat stat) return stat(stat);
        if (value instanceof byte[] data) return '"' + new String(data, StandardCharsets.UTF_8) + '"';
        if (value instanceof ACL acl) return acl.getPerms() + " " + acl.getId().getScheme() + ":" + acl.getId().getId();
        if (value instanceof OpResult result) return OpResults.shown(result, this::stat);
        if (value instanceof KeeperException error) return error(error);
        if (value instanceof List<?> list) return list.stream().map(this::shown).toList().toString();
        return String.valueOf(value);
    }

    private String error(KeeperException error) {
        String path = error.getPath() == null ? "" : " for " + error.getPath();
        String results = error.getResults() == null ? "" : " " + shown(error.getResults());
        return error.code() + path + results;
    }

    private String stat(Stat stat) {
        return String.format(
            "{c=%s m=%s p=%s version=%d cversion=%d aversion=%d owner=%s bytes=%d children=%d}",
            zxid(stat.getCzxid()), zxid(stat.getMzxid()), zxid(stat.getPzxid()), stat.getVersion(), stat.getCversion(),
            stat.getAversion(), owner(stat.getEphemeralOwner()), stat.getDataLength(), stat.getNumChildren());
    }

    private String zxid(long zxid) {
        return zxid == 0 ? "0" : "+" + (zxid - firstZxid);
    }

    private String owner(long sessionId) {
        if (sessionId == 0) return "none";
        return sessionId == ownSessionId ? "mine" : "another";
    }
}
