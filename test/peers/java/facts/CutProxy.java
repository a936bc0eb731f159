import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP proxy before the server that can be cut (every connection breaks, new ones are closed at once), held
 * (connections stay and nothing passes) and restored.
 */
final class CutProxy implements AutoCloseable {
    private enum Line { OPEN, HELD, CUT }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new ArrayList<>();
    private final String host;
    private final int port;
    private Line line = Line.OPEN;

    CutProxy(String server) throws IOException {
        int colon = server.lastIndexOf(':');
        host = server.substring(0, colon);
        port = Integer.parseInt(server.substring(colon + 1));
        start("accept", this::acceptAll);
    }

    String connectString() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    synchronized void cut() throws IOException {
        line = Line.CUT;
        closeAll();
    }

    synchronized void hold() {
        line = Line.HELD;
    }

    /** What was held passes now; what was cut has to dial again. */
    synchronized void restore() {
        line = Line.OPEN;
        notifyAll();
    }

    @Override
    public synchronized void close() throws IOException {
        cut();
        notifyAll();
        listener.close();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** The end of a socket ends the work, quietly: cutting is what this is for. */
    private static void start(String name, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException error) {
                return;
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() throws IOException {
        while (true) {
            Socket near = listener.accept();
            if (isCut()) near.close();
            else start("dial", () -> join(near));
        }
    }

    private void join(Socket near) throws IOException {
        Socket far = new Socket(host, port);
        synchronized (this) {
            sockets.add(near);
            sockets.add(far);
            if (line == Line.CUT) closeAll();
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        start("up", () -> pump(near, far));
        start("down", () -> pump(far, near));
    }

    private void pump(Socket from, Socket to) throws IOException, InterruptedException {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[65_536];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitRelease();
                out.write(buffer, 0, count);
            }
            awaitRelease();
        }
    }

    private synchronized void awaitRelease() throws InterruptedException {
        while (line == Line.HELD) wait();
    }

    private synchronized boolean isCut() {
        return line == Line.CUT;
    }

    private void closeAll() throws IOException {
        for (Socket socket : sockets) socket.close();
        sockets.clear();
    }
}
